package report

import (
	_ "embed" // for the page template
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
)

// pageTemplate is the whole page with its style; it holds no address of another page.
//
//go:embed page.tmpl
var pageTemplate string

// pageView is a page as the template wants it.
type pageView struct {
	Page
	Parts []sectionView
}

type sectionView struct {
	Section
	Anchor   string
	Drawings []drawing
	Grids    []grid
}

type drawing struct {
	SVG     template.HTML
	Caption string
	Width   string // CSS length at which the figure is as large as printed
}

type grid struct {
	Table
	Numeric []bool
	Starts  []bool // the column begins a group
	Body    [][]gridCell
	Sums    [][]gridCell
}

type gridCell struct {
	Text            string
	Numeric, Strong bool
	Starts, RowHead bool
}

// Class is the CSS class: n for numbers, g at the start of a group, s for strong.
func (c gridCell) Class() string {
	var names []string
	for _, k := range []struct {
		on   bool
		name string
	}{{c.Numeric, "n"}, {c.Starts, "g"}, {c.Strong, "s"}} {
		if k.on {
			names = append(names, k.name)
		}
	}
	return strings.Join(names, " ")
}

// list is a heading with its items.
type list struct {
	Title string
	Items []string
}

// WriteHTML writes the page as one file of HTML with inline style and figures. It
// needs no script and no network, reads well on a phone and can be printed.
func (p Page) WriteHTML(w io.Writer) error {
	newList := func(title string, items []string) list { return list{title, items} }
	t, err := template.New("page").Funcs(template.FuncMap{"list": newList}).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("page template: %w", err)
	}
	view := pageView{Page: p}
	used := map[string]bool{"contents": true}
	for i, s := range p.Sections {
		v := sectionView{Section: s, Anchor: anchor(s, i, used)}
		for _, f := range s.Figures {
			svg, err := f.svg()
			if err != nil {
				return fmt.Errorf("section %q: %w", s.Title, err)
			}
			width, _ := f.size()
			// The SVG is ours: all text in it went through escape.
			v.Drawings = append(v.Drawings, drawing{template.HTML(svg), f.Caption, short(width*screenScale, 0) + "px"})
		}
		for _, t := range s.Tables {
			g, err := t.grid()
			if err != nil {
				return fmt.Errorf("section %q: %w", s.Title, err)
			}
			v.Grids = append(v.Grids, g)
		}
		view.Parts = append(view.Parts, v)
	}
	return t.Execute(w, view)
}

// screenScale is how many CSS pixels a point takes on the page: 96/72 would be the
// printed size; screens are read from farther away.
const screenScale = 1.6

// grid is the table as the template wants it.
func (t Table) grid() (grid, error) {
	if err := t.check(); err != nil {
		return grid{}, err
	}
	g := grid{Table: t, Numeric: make([]bool, len(t.Head)), Starts: make([]bool, len(t.Head))}
	for j := range t.Head {
		g.Numeric[j] = t.numeric(j)
	}
	j := 0
	for _, group := range t.Groups {
		g.Starts[j] = j > 0
		j += group.Span
	}
	for i := range t.Rows {
		row := make([]gridCell, len(t.Head))
		for j := range row {
			c := t.cell(i, j)
			row[j] = gridCell{c.typeset(), g.Numeric[j] || c.numeric(), c.strong, g.Starts[j], j == 0 && c.kind == textCell}
		}
		if i >= len(t.Rows)-t.Foot {
			g.Sums = append(g.Sums, row)
		} else {
			g.Body = append(g.Body, row)
		}
	}
	return g, nil
}

// anchor is an id made of the letters and digits of the section's ID or title,
// unique on the page.
func anchor(s Section, i int, used map[string]bool) string {
	from := s.ID
	if from == "" {
		from = s.Title
	}
	slug := strings.Join(strings.FieldsFunc(strings.ToLower(from), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.'
	}), "-")
	if slug == "" {
		slug = fmt.Sprintf("section-%d", i+1)
	}
	id := slug
	for n := 2; used[id]; n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
	}
	used[id] = true
	return id
}
