package main

import (
	"context"
	"os"
	"path/filepath"
	"sort"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/report"
)

// dataFlags choose the data set.
type dataFlags struct {
	data    string
	offline bool
	// How many images will be looked at; 0 means all. Digits that nobody looks at are
	// not drawn.
	train, test int
}

func (d *dataFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&d.data, "data", "auto", "auto, mnist, digits (drawn by the program) or a folder with MNIST's IDX files")
	cmd.Flags().BoolVar(&d.offline, "offline", false, "never use the network")
}

// looksAt says that only the first images of a split will be looked at; 0 means all.
func (d *dataFlags) looksAt(split string, limit int) {
	d.train, d.test = 1, limit
	if split == "train" {
		d.train, d.test = limit, 1
	}
}

// open loads the data, telling the user where it came from.
func (d *dataFlags) open(ctx context.Context, a *app, workers int) (*dataset.Data, error) {
	cache := ""
	if dir, err := os.UserCacheDir(); err == nil {
		cache = filepath.Join(dir, "neurode", "mnist")
	}
	return dataset.Open(ctx, dataset.Options{Source: d.data, Env: a.getenv("NEURODE_DATA"), Offline: d.offline, CacheDir: cache, Train: d.train, Test: d.test, Workers: workers,
		Log: func(line string) { a.say("%s", line) }})
}

func (a *app) dataCmd() *cobra.Command {
	var d dataFlags
	var asJSON bool
	var sheet sheetFlags
	var workers int
	cmd := &cobra.Command{
		Use: "data", Short: "Show which data set would be used, with its checksums", Args: noArgs,
		Example: "  neurode data\n  neurode data --data digits --sheet digits.png      look at the drawn digits\n" +
			"  neurode data --sheet sheet.png --distort usual          look at training images and at what distortions make of them",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWorkers(workers); err != nil {
				return err
			}
			if err := sheet.check(); err != nil {
				return err
			}
			set, err := d.open(cmd.Context(), a, workers)
			if err != nil {
				return err
			}
			if sheet.path != "" {
				if err := sheet.write(set.Train); err != nil {
					return err
				}
				a.say("wrote %s", sheet.path)
			}
			if asJSON {
				return a.json(map[string]any{"schema_version": schemaVersion, "data": set.Name, "note": set.Note, "train": set.Train.Len(), "test": set.Test.Len(), "sha256": set.SHA256})
			}
			t := report.Table{Name: "data", Caption: "", Head: []string{"file", "SHA-256"}}
			names := make([]string, 0, len(set.SHA256))
			for n := range set.SHA256 {
				names = append(names, n)
			}
			sort.Strings(names)
			for _, n := range names {
				t.Rows = append(t.Rows, []report.Cell{report.Text(n), report.Text(set.SHA256[n])})
			}
			a.print("%s: %d training and %d test images\n", set.Name, set.Train.Len(), set.Test.Len())
			return t.WriteText(a.out)
		},
	}
	d.add(cmd)
	cmd.Flags().IntVar(&workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	sheet.add(cmd)
	return cmd
}
