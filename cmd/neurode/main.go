// Command neurode makes neural networks whose neurons are differential
// equations. See `neurode help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/weights"
)

// Exit codes, the same for every verb.
const (
	exitOK          = 0
	exitFailed      = 1   // the run failed
	exitUsage       = 2   // flags, configuration or input are wrong; nothing was written
	exitBar         = 3   // a stated bar was not met (--check)
	exitInterrupted = 130 // Ctrl-C, the state saved where there is one
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// app is what every verb needs of the outside world.
type app struct {
	out, err io.Writer
	getenv   func(string) string
}

// run is the program without its process: what main and the tests call.
func run(args []string, _ io.Reader, out, stderr io.Writer, getenv func(string) string) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // the first Ctrl-C asks the run to stop, the second ends the program
		<-ctx.Done()
		stop()
	}()
	a := &app{out: out, err: stderr, getenv: getenv}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "neurode: "+interruption(err))
		return exitInterrupted
	}
	code = exitCode(err)
	fmt.Fprintln(stderr, "neurode: "+err.Error())
	var text *equation.Error
	if errors.As(err, &text) && text.Text != "" {
		fmt.Fprintln(stderr, text.Excerpt())
	}
	return code
}

// interrupted is Ctrl-C in a run that can be gone on with.
type interrupted struct{ how string }

func (e interrupted) Error() string { return "interrupted; " + e.how }

func (interrupted) Unwrap() error { return context.Canceled }

// interruption is the line for a run that Ctrl-C ended.
func interruption(err error) string {
	if e, ok := errors.AsType[interrupted](err); ok {
		return e.Error()
	}
	return "interrupted"
}

// exitOnInterrupt ends the program at the first Ctrl-C, for verbs that have
// nothing to save: their files are written whole or not at all.
func (a *app) exitOnInterrupt() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-c
		a.say("neurode: interrupted")
		os.Exit(exitInterrupted)
	}()
}

// usageError marks an error as the user's to mend: exit 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// bad marks err, if there is one, as a usage error.
func bad(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

func badf(format string, args ...any) error { return bad(fmt.Errorf(format, args...)) }

// errBar is the error of --check.
type errBar struct{ missed []string }

func (e errBar) Error() string { return "bar not met: " + strings.Join(e.missed, "; ") }

func exitCode(err error) int {
	var usage usageError
	var text *equation.Error
	var npz *weights.FormatError
	var data *dataset.InputError
	var bar errBar
	switch {
	case errors.As(err, &bar):
		return exitBar
	case errors.As(err, &usage), errors.As(err, &text), errors.As(err, &npz), errors.As(err, &data):
		return exitUsage
	}
	return exitFailed
}

const rootHelp = `Neural networks whose neurons are differential equations.

Write a neuron's equations the way a paper prints them; from that text follow
its simulation, its phase plane and a layer that takes the place of trained
units in a network.`

const rootExample = `  neurode reproduce fhn                      the FitzHugh-Nagumo paper, our numbers beside the printed ones
  neurode simulate fhn --set a=0.5 --t 20 --plot x.svg
  neurode phase fhn --set a=1 --plot phase.svg`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "neurode <verb> [object] [flags]", Short: "Neural networks whose neurons are differential equations", Long: rootHelp, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return badf("unknown verb %q%s; `neurode help` lists them", args[0], equation.DidYouMean(args[0], verbNames(cmd)))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().String("config", "", "YAML file with values for flags, by name")
	root.PersistentFlags().String("kernel", "auto", "vector kernel: auto, go, avx2 or avx512. The results do not depend on it")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return bad(flagError(cmd, err)) })
	root.AddGroup(&cobra.Group{ID: "neurons", Title: "Neurons:"}, &cobra.Group{ID: "networks", Title: "Networks:"}, &cobra.Group{ID: "papers", Title: "Papers and data:"})
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("neurons", a.modelsCmd(), a.simulateCmd(), a.phaseCmd(), a.bifurcateCmd(), a.responseCmd(), a.operatorCmd())
	add("networks", a.trainCmd(), a.evalCmd(), a.implantCmd(), a.wuxingCmd())
	add("papers", a.reproduceCmd(), a.dataCmd())
	root.AddCommand(a.benchCmd(), a.versionCmd())
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.settings(cmd); err != nil {
			return err
		}
		return useKernel(cmd)
	}
	return root
}

// useKernel obeys --kernel before any work starts.
func useKernel(cmd *cobra.Command) error {
	name, err := cmd.Flags().GetString("kernel")
	if err != nil {
		return nil // a verb without flags, such as completion
	}
	kernels := map[string]vec.Kernel{"auto": vec.Best(), "go": vec.Go, "avx2": vec.AVX2, "avx512": vec.AVX512}
	k, ok := kernels[name]
	if !ok {
		return choice("kernel", name, "auto", "go", "avx2", "avx512")
	}
	return bad(vec.Use(k))
}

func verbNames(root *cobra.Command) []string {
	var out []string
	for _, c := range root.Commands() {
		out = append(out, c.Name())
	}
	return out
}

// noArgs refuses arguments of a verb that takes none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badf("%s takes no argument, found %q; `%s --help` shows its flags", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// oneArg refuses anything but one argument, called what.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return badf("%s needs %s; `%s --help` shows an example", cmd.CommandPath(), what, cmd.CommandPath())
		case len(args) > 1:
			return badf("%s takes one argument, %s; found also %q", cmd.CommandPath(), what, args[1])
		}
		return nil
	}
}
