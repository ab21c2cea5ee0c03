package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func htmlOf(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageHoldsEverything(t *testing.T) {
	s := htmlOf(t, samplePage())
	for _, want := range []string{
		"<!DOCTYPE html>", `<html lang="en">`, `<meta charset="utf-8">`, "viewport",
		"Quick run: 500 test images", "SHA-256 8d42", `<a href="#fhn-table1">Accuracy by digit after the implant</a>`,
		`<section id="fhn-fig2">`, `<section id="fhn-fig3">`, `<section id="fhn-fig6">`,
		"Bogatenko et al. 2023, Table I", "<caption>Table I, test images", `<th scope="col"`, `<th scope="row"`, `<th scope="colgroup" colspan="3"`,
		">ours<", ">printed<", ">difference<", ">−4.0<", "in percentage points", "<figcaption>Mean accuracy",
		"Assumptions", "not printed; 0.01 to 1", "Misprints met in the source", "do not follow from their columns", "Notes", "see the spread over seeds",
		"MNIST test images, all 10,000.", "Phase plane &lt;of one neuron&gt; &amp; its",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(s, "<svg "); n != 4 {
		t.Errorf("%d figures, want 4", n)
	}
	if s != htmlOf(t, samplePage()) {
		t.Error("the page differs between two runs")
	}
}

func TestPageNeedsNoNetwork(t *testing.T) {
	s := strings.ReplaceAll(htmlOf(t, samplePage()), `xmlns="http://www.w3.org/2000/svg"`, "")
	if m := regexp.MustCompile(`https?:|//[a-z]|<script|<link|<img|@import|url\(|src=`).FindString(s); m != "" {
		t.Errorf("the page has %q", m)
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(s, -1) {
		if !strings.HasPrefix(m[1], "#") || !strings.Contains(s, `id="`+m[1][1:]+`"`) {
			t.Errorf("link to %q leads nowhere on the page", m[1])
		}
	}
}

func TestPageIDsAreUnique(t *testing.T) {
	p := samplePage()
	p.Sections = append(p.Sections, p.Sections...)
	p.Sections = append(p.Sections, Section{Title: "Contents"}, Section{Title: "Contents"}, Section{}, Section{ID: "???"})
	seen := map[string]bool{}
	ids := regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(htmlOf(t, p), -1)
	for _, m := range ids {
		if seen[m[1]] || m[1] == "" || strings.ContainsAny(m[1], " \t/") {
			t.Errorf("id %q is bad or there twice", m[1])
		}
		seen[m[1]] = true
	}
	if want := 1 + len(p.Sections); len(ids) != want {
		t.Errorf("%d ids, want %d", len(ids), want)
	}
}

func TestPageEscapes(t *testing.T) {
	bad := `<script>alert("1")</script>&`
	s := htmlOf(t, Page{Title: bad, Lead: bad, Notice: bad, Facts: []Fact{{bad, bad}}, Sections: []Section{{
		ID: bad, Title: bad, Reference: bad, Lead: bad, Assumptions: []string{bad}, Misprints: []string{bad}, Notes: []string{bad}, Data: bad,
		Tables:  []Table{{Name: bad, Caption: bad, Note: bad, Head: []string{bad}, Groups: []Group{{bad, 1}}, Rows: [][]Cell{{Text(bad)}}}},
		Figures: []Figure{{Caption: bad, Panels: []Panel{{Title: bad, Marks: []Mark{HLine{Label: bad}}, XMax: 1}}}},
	}}})
	if strings.Contains(s, "<script") || strings.Contains(s, `alert("1")`) {
		t.Error("a value got into the page unescaped")
	}
}

func TestEmptyPageAndBadFigure(t *testing.T) {
	if s := htmlOf(t, Page{}); strings.Contains(s, "<nav") || strings.Contains(s, "<section") || strings.Contains(s, "<dl") {
		t.Error("an empty page has parts")
	}
	err := Page{Sections: []Section{{Title: "S", Figures: []Figure{{Name: "F"}}}}}.WriteHTML(&bytes.Buffer{})
	if err == nil || err.Error() != `section "S": figure "F": no panels` {
		t.Errorf("error %v", err)
	}
}
