package vec

import (
	"flag"
	"math"
	"math/big"
	"testing"
)

// points is the number of random arguments in every range. The bounds in the
// doc comments were measured with -points 60000.
var points = flag.Int("points", 300, "random arguments in every range")

var scalars = map[string]func(float64) float64{
	"Exp": Exp, "Expm1": Expm1, "Log": Log, "Log1p": Log1p, "Sin": Sin, "Cos": Cos, "Tan": Tan,
	"Tanh": Tanh, "Sinh": Sinh, "Cosh": Cosh, "Sigmoid": Sigmoid, "Exprel": Exprel,
}

// span is a range of arguments: lo..hi uniformly, or with exponents uniform and
// either sign where lo > 0 and log is set.
type span struct {
	lo, hi float64
	log    bool
}

func (s span) draw(state *uint64) float64 {
	u := uniform(state)
	if !s.log {
		return s.lo + (s.hi-s.lo)*u
	}
	e := math.Log2(s.lo) + (math.Log2(s.hi)-math.Log2(s.lo))*u
	m := math.Ldexp(1+uniform(state), int(math.Floor(e)))
	if word(state)&1 == 1 {
		return -m
	}
	return m
}

var (
	small = span{0x1p-60, 1, true}
	trig  = []span{small, {-0.8, 0.8, false}, {-8, 8, false}, {-1e3, 1e3, false}, {1e3, 0x1p31, true}, {0x1p30, 0x1p34, true}, {0x1p31, 0x1p1023, true}}
)

// accuracy lists for every function its ranges and its bound in ulp.
var accuracy = []struct {
	name  string
	bound float64
	spans []span
}{
	{"Exp", 1.5, []span{small, {-1, 1, false}, {-20, 20, false}, {-746, 710, false}, {-745.2, -708, false}, {709, 709.8, false}}},
	{"Expm1", 1.5, []span{small, {-1, 1, false}, {-2, 2, false}, {-38, 38, false}, {30, 710, false}, {709, 709.8, false}}},
	{"Log", 1.5, []span{{0.4, 3, false}, {0.999, 1.001, false}, {1 - 0x1p-30, 1 + 0x1p-30, false}, {0, 1000, false}, {0x1p-1022, 0x1p1023, true}, {0x1p-1074, 0x1p-1022, true}}},
	{"Log1p", 1.5, []span{small, {-0.6, 2, false}, {-1, 0, false}, {-0.01, 0.01, false}, {0, 1000, false}, {1, 0x1p1023, true}}},
	{"Sin", 1.5, trig},
	{"Cos", 1.5, trig},
	{"Tan", 2.5, trig},
	{"Tanh", 1.5, []span{small, {-1, 1, false}, {-3, 3, false}, {-25, 25, false}}},
	{"Sinh", 2.5, []span{small, {-1, 1, false}, {-3, 3, false}, {-40, 40, false}, {-711, 711, false}, {709, 710.5, false}}},
	{"Cosh", 2.5, []span{small, {-1, 1, false}, {-3, 3, false}, {-40, 40, false}, {-711, 711, false}, {709, 710.5, false}}},
	{"Sigmoid", 1.5, []span{small, {-1, 1, false}, {-5, 5, false}, {-40, 40, false}, {-750, -700, false}, {-750, 40, false}}},
	{"Exprel", 1.5, []span{small, {-1, 1, false}, {-3, 3, false}, {-50, 50, false}, {-1000, 717, false}, {709, 716.4, false}}},
}

func TestAccuracy(t *testing.T) {
	for _, c := range accuracy {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, ref := scalars[c.name], refFunctions[c.name]
			state := uint64(1)
			overall := 0.0
			for _, s := range c.spans {
				worst, at := 0.0, 0.0
				for range *points {
					x := s.draw(&state)
					if (c.name == "Log" && !(x > 0)) || (c.name == "Log1p" && !(x > -1)) {
						x = math.Abs(x)
					}
					u := ulps(f(x), ref(bigOf(x)))
					if u > worst {
						worst, at = u, x
					}
				}
				t.Logf("%s over %v: at most %.3f ulp, at %v", c.name, s, worst, at)
				overall = max(overall, worst)
			}
			if !(overall <= c.bound) {
				t.Errorf("%s is %.3f ulp off, more than %v", c.name, overall, c.bound)
			}
		})
	}
}

func TestPowAccuracy(t *testing.T) {
	t.Parallel()
	near := func(s *uint64) float64 { return span{0.5, 2, false}.draw(s) }
	for _, c := range []struct {
		name string
		x    func(*uint64) float64
		y    span // of y log x
	}{
		{"x near 1", near, span{-5, 5, false}},
		{"x near 1, results over the whole range", near, span{-745, 710, false}},
		{"x of any size", func(s *uint64) float64 { return math.Abs(span{0x1p-1074, 0x1p1023, true}.draw(s)) }, span{-745, 710, false}},
		{"x very near 1", func(s *uint64) float64 { return 1 + span{-1e-6, 1e-6, false}.draw(s) }, span{-745, 710, false}},
		{"overflow and underflow", near, span{700, 711, true}},
	} {
		state := uint64(7)
		worst, atX, atY := 0.0, 0.0, 0.0
		for range *points {
			x := c.x(&state)
			y := c.y.draw(&state) / math.Log(x)
			if x == 1 {
				continue
			}
			u := ulps(Pow(x, y), refExp(mul(bigOf(y), refLog(bigOf(x)))))
			if u > worst {
				worst, atX, atY = u, x, y
			}
		}
		t.Logf("%s: at most %.3f ulp, at (%v, %v)", c.name, worst, atX, atY)
		if !(worst <= 1.5) {
			t.Errorf("Pow is %.3f ulp off with %s", worst, c.name)
		}
	}
}

// TestReference holds the reference to values known independently.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		got  *big.Float
		want string // to 40 digits, from the OEIS
	}{
		{halfPi, "1.570796326794896619231321691639751442099"},                   // A019669
		{bigLn2, "0.6931471805599453094172321214581765680755"},                  // A002162
		{refExp(bigOf(1)), "2.718281828459045235360287471352662497757"},         // A001113
		{refLog(bigOf(10)), "2.302585092994045684017991454684364207601"},        // A002392
		{refFunctions["Sin"](bigOf(1)), "0.8414709848078965066525023216302989"}, // A049469
		{refFunctions["Cos"](bigOf(1)), "0.5403023058681397174009366074429766"}, // A049470
		{refFunctions["Tanh"](bigOf(1)), "0.7615941559557648881194582826047935"},
	} {
		w, _, err := big.ParseFloat(c.want, 10, precision, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if d, _ := sub(c.got, w).Float64(); math.Abs(d) > 1e-33 {
			t.Errorf("reference %s is %.40g off %s", c.got.Text('g', 40), d, c.want)
		}
	}
}
