package report

// Page is a report: what was run, then a section for each experiment.
type Page struct {
	// Title heads the page.
	Title string
	// Lead is the opening paragraph. Empty: none.
	Lead string
	// Notice is one sentence that must not be overlooked ("quick run: less data"),
	// framed above everything. Empty: none.
	Notice string
	// Facts are what was run with what: seed, data, version. Empty: none.
	Facts []Fact
	// Sections follow in order, listed in the contents.
	Sections []Section
}

// Fact is a name and its value, both shown as they are.
type Fact struct {
	Name, Value string
}

// Section is one experiment of a [Page]. Empty parts are left out.
type Section struct {
	// ID is the anchor, such as "fhn/table1"; links read #fhn-table1. Empty: from the title.
	ID string
	// Title heads the section.
	Title string
	// Reference is the source: the paper and its table or figure.
	Reference string
	// Lead says what was asked and what came out.
	Lead string
	// Tables and Figures are shown in order, tables first.
	Tables  []Table
	Figures []Figure
	// Assumptions, Misprints (met in the source) and Notes are lists of sentences.
	Assumptions, Misprints, Notes []string
	// Data says what data it ran on.
	Data string
}
