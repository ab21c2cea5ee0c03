package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"path/filepath"
	"strings"
)

// definition gives the constants of the definition in plain Go by name, so that
// no number is written twice.
type definition struct{ scope *types.Scope }

// readDefinition reads the Go files of internal/vec that are not generated.
func readDefinition(dir string) (definition, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return definition{}, err
	}
	fset := token.NewFileSet()
	var syntax []*ast.File
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") || strings.Contains(filepath.Base(n), "_") {
			continue
		}
		f, err := parser.ParseFile(fset, n, nil, parser.SkipObjectResolution)
		if err != nil {
			return definition{}, err
		}
		syntax = append(syntax, f)
	}
	// Imports are not followed, so that what depends on them fails, quietly;
	// the numbers do not.
	cfg := types.Config{Error: func(error) {}, IgnoreFuncBodies: true}
	pkg, _ := cfg.Check("vec", fset, syntax, nil)
	if pkg == nil {
		return definition{}, fmt.Errorf("no definition in %s", dir)
	}
	return definition{pkg.Scope()}, nil
}

func (d definition) value(name string) constant.Value {
	if c, ok := d.scope.Lookup(name).(*types.Const); ok && c.Val().Kind() != constant.Unknown {
		return c.Val()
	}
	panic("the definition has no constant " + name)
}

// number is a constant as a float64.
func (d definition) number(name string) float64 {
	v, _ := constant.Float64Val(constant.ToFloat(d.value(name)))
	if math.IsInf(v, 0) {
		panic("the constant is too large: " + name)
	}
	return v
}

// integer is a constant that is an unsigned integer.
func (d definition) integer(name string) uint64 {
	v, exact := constant.Uint64Val(d.value(name))
	if !exact {
		panic("the constant is no integer: " + name)
	}
	return v
}
