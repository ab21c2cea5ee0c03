package train

import (
	"context"
	"fmt"
	"github.com/neurode/neurode/equation"
	"os"
	"testing"

	"github.com/neurode/neurode/dataset"
)

// BenchmarkEpoch passes once over MNIST as the FitzHugh-Nagumo paper trains:
// 784-100-10, sigmoid, batches of 128.
func BenchmarkEpoch(b *testing.B) {
	dir := os.Getenv("NEURODE_DATA")
	if dir == "" {
		b.Skip("set NEURODE_DATA to a folder with MNIST")
	}
	d, err := dataset.Open(context.Background(), dataset.Options{Source: "mnist", Env: dir, Offline: true})
	if err != nil {
		b.Fatal(err)
	}
	for _, precision := range []equation.Precision{equation.Double, equation.Single} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprint("float", precision, "/workers=", workers), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := MLP(context.Background(), d.Train, Config{Epochs: 1, Precision: precision, Workers: workers}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
