package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"neurode": main})
}

// TestScripts runs the program as a user does, mistakes included. The scripts
// lie in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			// No MNIST, no network, no settings of whoever runs the tests.
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", e.WorkDir)
			e.Setenv("NEURODE_OFFLINE", "true")
			if dir := os.Getenv("NEURODE_DATA"); dir != "" {
				e.Setenv("MNIST", dir)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "mnist" && os.Getenv("NEURODE_DATA") != "", nil },
	})
}
