package paper

import (
	"errors"
	"testing"

	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/operator"
)

func TestTryPatterns(t *testing.T) {
	for _, p := range patterns() {
		d, err := p.drive()
		if err != nil {
			t.Fatal(p.panel, err)
		}
		sol, err := d.equation(operator.Options{MaxSpikes: 2000})
		var run *operator.Runaway
		if err != nil && !errors.As(err, &run) {
			t.Fatal(p.panel, err)
		}
		var ex *solved
		if err == nil {
			ex, err = d.exact(nil, tight)
			if err != nil {
				t.Fatal(p.panel, err)
			}
		} else {
			t.Log(err)
			ex = &solved{}
		}
		eu, _, err := d.program(ode.EulerInTurn(), p.step)
		if err != nil {
			t.Fatal(p.panel, err)
		}
		most, same := apart(sol.Spikes, ex.spikes)
		t.Log(p.panel, len(sol.Spikes), len(ex.spikes), len(eu), most, same, sol.Spikes[:min(3, len(sol.Spikes))], eu[:min(3, len(eu))], eu[max(0, len(eu)-1):])
	}
}
