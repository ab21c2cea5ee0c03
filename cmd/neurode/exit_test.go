package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every mistake has its exit code, prints one line on stderr and nothing on
// stdout, and writes nothing.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CACHE_HOME", dir) // no MNIST of whoever runs the test
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("bad.model", "model bad\nstate x = 0\nx' = -\n")
	write("grows.model", "model grows\nstate x = 1\nx' = x^2\n")
	write("not.npz", "PK\x03\x04 cut short")
	write("c.yaml", "set: [\n")
	write("file", "")
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // on stderr
	}{
		{"nonsense", 2, "unknown verb"},
		{"models nonsense", 2, "unknown model"},
		{"models bad.model", 2, "bad.model:3:"},
		{"models fhn extra", 2, "takes one name"},
		{"simulate fhn --t -1", 2, "--t -1"},
		{"simulate fhn --t NaN", 2, "--t NaN"},
		{"simulate fhn --set a=NaN", 2, "no finite number"},
		{"simulate fhn --set a=x", 2, "is not a number"},
		{"simulate fhn --at -1", 2, "outside the run"},
		{"simulate fhn --every 0", 2, "--every 0"},
		{"simulate fhn --method rk4 --tol 1e-3", 2, "--tol belongs to"},
		{"simulate fhn --method dp5 --tol -1", 2, "--tol -1"},
		{"simulate fhn --preset RS", 2, "has no presets"},
		{"simulate fhn --step 1e-12", 2, "2^31"},
		{"simulate fhn --config c.yaml", 2, "c.yaml"},
		{"simulate fhn --config nowhere.yaml", 2, "nowhere.yaml"},
		{"simulate fhn --out file/x.csv", 2, "cannot write there"},
		{"simulate grows.model --t 2", 1, "non-finite at t = "},
		{"simulate grows.model --t 2 --method dp5", 1, "cannot go on at t = "},
		{"simulate fhn --set eps=0.01,a=0.5 --step 0.02", 1, "step 0.02"},
		{"phase bad.model", 2, "bad.model:3:"},
		{"implant --weights not.npz", 2, "not.npz"},
		{"implant --weights not.npz --limit -1", 2, "must not be negative"},
		{"train --batch 0", 2, "--batch"},
		{"train --epochs -2", 2, "epochs"},
		{"train --seed -1", 2, "--seed"},
		{"train --epochs 0", 2, "--epochs must be at least 1"},
		{"train --rate 0", 2, "--rate must be a positive number"},
		{"train --rate -1", 2, "learning rate -1"},
		{"train --rate NaN", 2, "learning rate NaN"},
		{"train --batch 500 --limit 300 --data digits", 2, "--batch 500 is larger than the 300 images"},
		{"train --batch 300 --limit 300 --holdout 1 --data digits", 2, "larger than the 299 images"},
		{"train --batch 70000", 2, "a batch of 70000"},
		{"train --holdout 300 --limit 300 --data digits", 2, "--holdout 300 leaves none"},
		{"train --holdout -1", 2, "-1 images held out"},
		{"train --patience 3", 2, "stopping early needs images held out"},
		{"train --hidden 0", 2, "--hidden must be at least 1"},
		{"train --hidden 30,x", 2, "--hidden"},
		{"train --hidden 30,-2", 2, "-2 hidden units"},
		{"train --limit -1", 2, "--limit"},
		{"train --loss cross", 2, "unknown loss"},
		{"train --optimizer adm", 2, "did you mean \"adam\""},
		{"train --schedule one", 2, "unknown schedule"},
		{"train --warmup 0.1", 2, "--warmup belongs to --schedule one-cycle and cosine"},
		{"train --momentum 0.9", 2, "--momentum belongs to --optimizer sgd"},
		{"train --optimizer sgd --momentum 1", 2, "momentum 1 must lie"},
		{"train --dropout 1", 2, "dropout 1 must lie"},
		{"train --decay -1", 2, "weight decay -1"},
		{"train --smoothing NaN", 2, "label smoothing NaN"},
		{"train --offset 3", 2, "the offset of the inputs, 3,"},
		{"train --distort wild", 2, "there is no \"wild\""},
		{"train --checkpoint-every -1", 2, "--checkpoint-every -1"},
		{"train --checkpoint-every NaN", 2, "--checkpoint-every NaN"},
		{"train --gamma -1", 2, "--gamma belongs to neurons"},
		{"train --set a=1", 2, "--set belongs to neurons"},
		{"train --model fhn --activation tanh", 2, "--activation belongs to hidden units that are no neurons"},
		{"train --model fhm", 2, "did you mean \"fhn\""},
		{"train --model bad.model", 2, "bad.model:3:"},
		{"train --model vanderpol --learn mu", 2, "only the weights can be trained"},
		{"train --model fhn --learn eps", 2, "which does not depend on it"},
		{"train --model fhn --learn a=both", 2, "a=shared"},
		{"train --model fhn --rule stand-in --learn a", 2, "--learn belongs to --rule response"},
		{"train --learn a", 2, "--learn belongs to neurons"},
		{"implant --weights not.npz --mismatch b=0.1", 2, `no parameter "b"`},
		{"implant --weights not.npz --mismatch a", 2, "as a=0.05 or eps=10%"},
		{"train --model grows.model", 2, "has no input"},
		{"train --model fhn --gamma 0", 2, "gamma = 0: the neurons would not see the image"},
		{"train --model fhn --gamma NaN", 2, "gamma = NaN"},
		{"train --model fhn --rule stand-in --hidden 5,4", 2, "for one hidden layer"},
		{"train --model fhn --rule stand-in --gamma 0", 2, "gamma = 0"},
		{"train --model fhn --rule respons", 2, "did you mean \"response\""},
		{"train --model fhn --set I=1", 2, "the image drives this input"},
		{"train --model fhn --set b=1", 2, "--set"},
		{"train --model fhn --input J", 2, "no input \"J\""},
		{"train --model fhn --step 0.03", 2, "step 0.03 does not divide"},
		{"train --model fhn --method dp5", 2, "chooses its own steps"},
		{"train --resume=", 2, "--resume needs the folder of a run"},
		{"train --resume nowhere", 2, "nowhere holds no run"},
		{"train --resume file", 2, "file"},
		{"train --resume nowhere --out elsewhere", 2, "a run goes on in its own folder"},
		{"eval", 2, "eval needs a run's folder or a network's .npz"},
		{"eval nowhere.npz", 2, "nowhere.npz: cannot be read"},
		{"eval not.npz", 2, "not.npz: is an .npz archive that is cut short"},
		{"eval .", 2, "holds neither weights.npz nor a run"},
		{"eval not.npz --readout first", 2, "--readout \"first\" is not known"},
		{"eval not.npz --engine tabel", 2, "did you mean \"table\""},
		{"eval not.npz --split all", 2, "--split"},
		{"eval not.npz --limit -1", 2, "must not be negative"},
		{"eval not.npz --predictions nowhere/p.csv", 2, "cannot write there"},
		{"train --precision 16", 2, "--precision"},
		{"train --precision 0", 2, "--precision"},
		{"train --precision 32 --rate 1e300", 2, "outside the numbers of 32 bits"},
		{"train --out file", 2, "is a file"},
		{"train --data nowhere", 2, "nowhere"},
		{"train --data mnist --offline", 2, "MNIST is not in the cache"},
		{"reproduce fhn/nothing", 2, "unknown experiment"},
		{"reproduce fhn --workers -3", 2, "--workers -3"},
		{"reproduce fhn --out file/run", 2, "file"},
		{"simulate fhn --precision 16", 2, "--precision"},
		{"simulate fhn --precision 32 --method dp5", 2, "double precision"},
		{"bench nothing", 2, "unknown workload"},
		{"bench bad.model", 2, "bad.model:3:"},
		{"bench fhn-rk4 --precision double", 2, "--precision"},
		{"bench gemm --count 0", 2, "--count 0"},
		{"bench gemm --count 2000", 2, "2000 repetitions"},
		{"bench gemm --benchtime 0", 2, "--benchtime"},
		{"bench mlp-784-100-10 --data nowhere --json", 2, "nowhere"},
		{"data --workers -1 --data digits", 2, "--workers -1"},
		{"data extra", 2, "takes no argument"},
		{"data --sheet x.svg --data digits", 2, ".png"},
		{"data --sheet x.png --distort wild", 2, "there is no \"wild\""},
	} {
		var out, stderr bytes.Buffer
		code := run(strings.Fields(c.args), nil, &out, &stderr, func(string) string { return "" })
		if code != c.code || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("neurode %s: exit %d, want %d; stderr %q should contain %q", c.args, code, c.code, stderr.String(), c.want)
		}
		if out.Len() > 0 {
			t.Errorf("neurode %s: printed %q on stdout", c.args, out.String())
		}
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if excerpt := strings.Contains(c.args, "bad.model"); len(lines) != 1 && !(excerpt && len(lines) == 3) {
			t.Errorf("neurode %s: %d lines on stderr: %q", c.args, len(lines), lines)
		}
	}
	after, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Errorf("mistakes left files behind: %v, before %v", after, before)
	}
}
