package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/internal/vec"
)

// buildInfo is what a run needs to say which program made it.
type buildInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Kernel   string `json:"kernel"`
}

// version is that of the CHANGELOG.
const version = "0.1.0"

func thisBuild() buildInfo {
	b := buildInfo{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Kernel: vec.Active().String()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	return b
}

func (a *app) versionCmd() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print version, build and the kernel in use", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if asJSON {
				return a.json(struct {
					SchemaVersion int `json:"schema_version"`
					buildInfo
				}{schemaVersion, b})
			}
			a.print("neurode %s, %s, %s, kernel %s%s\n", b.Version, b.Go, b.Platform, b.Kernel, revisionText(b))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func revisionText(b buildInfo) string {
	if b.Revision == "" {
		return ""
	}
	text := fmt.Sprintf(", revision %.12s", b.Revision)
	if b.Modified {
		text += " with changes"
	}
	return text
}

// print writes to stdout.
func (a *app) print(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }
