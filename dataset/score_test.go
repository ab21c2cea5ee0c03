package dataset

import "testing"

func TestScore(t *testing.T) {
	s := Set{Labels: []byte{0, 0, 1, 1, 1, 1}}
	z := s.Score([]uint8{0, 5, 1, 1, 1, 0})
	if z.Digit[0] != 50 || z.Digit[1] != 75 || z.Mean != 62.5 || z.Images != 100*4./6 || z.Count[1] != 4 || z.Digit[7] != 0 {
		t.Errorf("score %+v: want 50 and 75 by digit, 62.5 over the digits that occur, 66.7 over the pictures", z)
	}
	if z := (Set{}).Score(nil); z.Mean != 0 || z.Images != 0 {
		t.Errorf("score of an empty set %+v", z)
	}
}
