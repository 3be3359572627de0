package docs

import (
	"fmt"
	"strings"
)

// A sheet is a Markdown text in the making.
type sheet struct {
	strings.Builder
}

// line adds a line in the manner of Printf.
func (s *sheet) line(format string, args ...any) {
	s.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// paragraph adds a text, if there is one, with an empty line before it.
func (s *sheet) paragraph(text string) {
	if text != "" {
		s.line("\n%s", text)
	}
}

// fence adds code.
func (s *sheet) fence(language, code string) {
	s.line("\n```%s\n%s\n```", language, strings.TrimSuffix(code, "\n"))
}

// markdown is the same page as index.html for those who read Markdown, agents above all.
func (r *reference) markdown() string {
	s := &sheet{}
	s.line("# %s\n\n%s", r.Title, r.Summary)
	s.paragraph(r.Intro.Markdown)
	if len(r.Setup) > 0 {
		s.line("\n## Running the samples\n\n%s", runSamples)
		s.samples(r.Setup)
	}
	for _, g := range append(append([]group{}, r.Groups...), r.Webhooks) {
		s.line("\n## %s", g.Name)
		s.paragraph(g.About.Markdown)
		for _, op := range g.Operations {
			s.operation(op)
		}
	}
	r.catalogue(s)
	s.line("\n## Objects")
	for _, o := range r.Objects {
		s.line("\n### %s\n", o.ID)
		s.object(0, o)
	}
	s.line("\n## Version and servers\n\nThis page is made from [the contract](openapi.yaml), version %s.", r.Version)
	for _, server := range r.Servers {
		s.line("\n- `%s` %s", server.URL, server.About.Line())
	}
	return s.String()
}

// operation adds an operation or a webhook.
func (s *sheet) operation(op *operation) {
	if op.Path == "" {
		s.line("\n### %s\n\n%s. A %s to your address, `%s` in the contract.", op.ID, op.Summary, op.Method, op.OperationID)
	} else {
		s.line("\n### %s\n\n`%s %s` · operation `%s` · %s", op.Summary, op.Method, op.Path, op.OperationID, op.permission())
	}
	s.paragraph(op.Deprecated)
	s.paragraph(op.About.Markdown)
	s.list("Parameters", op.Parameters)
	if op.Body != nil {
		s.line("\n#### Body\n")
		s.body(0, op.Body.Presence, op.Body)
	}
	s.line("\n#### Answers\n")
	for _, a := range op.Responses {
		s.response(a)
	}
	s.samples(op.Samples)
	s.examples(op)
}

// samples adds calls.
func (s *sheet) samples(list []sample) {
	for _, one := range list {
		s.paragraph(strings.TrimSuffix(one.Language+": "+one.Note, ": "))
		s.fence(one.Fence(), one.Code)
	}
}

// examples adds what could be sent and answered.
func (s *sheet) examples(op *operation) {
	if op.Body != nil {
		for _, e := range op.Body.Examples {
			s.paragraph(strings.TrimSuffix("Body: "+e.Summary, ": "))
			s.fence("json", e.Code)
		}
	}
	if op.Signed != nil {
		s.line("\nSigned with the test secret, `t` is `%s`: `%s`, and these bytes as the body:", op.Signed.Timestamp, op.Signed.Signature)
		s.fence("json", op.Signed.Body)
	}
	for _, a := range op.Responses {
		if a.Body == nil {
			continue
		}
		for _, e := range a.Body.Examples {
			s.paragraph("Answer " + a.Status + ":")
			s.fence("json", e.Code)
		}
	}
}

// permission says which scopes a key needs.
func (op *operation) permission() string {
	if op.Scope == "" {
		return "any key"
	}
	text := "scope `" + op.Scope + "`"
	for _, more := range op.MoreScopes {
		text += ", more with `" + more + "`"
	}
	return text
}

// response adds an answer as an item of a list.
func (s *sheet) response(a response) {
	item := "- `" + a.Status + "`"
	if a.Code != "" {
		item += " `" + a.Code + "`"
	}
	if a.Shared != "" {
		s.line("%s %s", item, a.Shared)
		return
	}
	s.line("%s %s", item, a.About.Line())
	if len(a.Headers) > 0 {
		s.line("  Headers beside those of every answer: %s.", strings.Join(a.Headers, ", "))
	}
	for _, m := range a.Own {
		s.member(1, m)
	}
	if a.Body != nil {
		s.body(1, "", a.Body)
	}
}

// body adds the type of a body and, if it is described here, its members.
func (s *sheet) body(depth int, presence string, b *body) {
	s.line("%s- %s, `%s`%s %s", indentation(depth), plainWords(b.Type), b.Media, strings.TrimSuffix(", "+presence, ", "), b.About.Line())
	if b.Object != nil {
		s.object(depth+1, b.Object)
	}
}

// list adds members under a heading, if there are any.
func (s *sheet) list(heading string, members []member) {
	if len(members) == 0 {
		return
	}
	s.line("\n#### %s\n", heading)
	for _, m := range members {
		s.member(0, m)
	}
}

// object adds what is said of a named schema.
func (s *sheet) object(depth int, o *object) {
	text := strings.TrimSpace(plainWords(o.Type) + limitText(o.Limits) + ". " + o.About.Line())
	if len(o.Base) > 0 {
		text += " All members of " + plainWords(o.Base) + ", and:"
	}
	s.line("%s- %s: %s", indentation(depth), o.ID, text)
	s.inside(depth+1, o.shape)
	for _, m := range o.Members {
		s.member(depth+1, m)
	}
}

// member adds a member as an item of a list.
func (s *sheet) member(depth int, m member) {
	facts := plainWords(m.Type)
	for _, fact := range []string{m.Presence, strings.TrimSuffix("in "+m.In, "in ")} {
		if fact != "" {
			facts += ", " + fact
		}
	}
	facts += limitText(m.Limits)
	if m.Default != "" {
		facts += ", default `" + m.Default + "`"
	}
	s.line("%s- `%s` (%s) %s", indentation(depth), m.Name, facts, strings.TrimSpace(m.Deprecated+" "+m.About.Line()))
	s.inside(depth+1, m.shape)
	if m.Object != nil {
		s.object(depth+1, m.Object)
	}
}

// inside adds values and parts. Examples of single members are left to the examples of whole bodies.
func (s *sheet) inside(depth int, shape shape) {
	for _, v := range shape.Values {
		s.line("%s- %s", indentation(depth), strings.TrimSpace("`"+v.Text+"` "+v.About.Line()))
	}
	for _, part := range shape.Parts {
		s.member(depth, part)
	}
}

func indentation(depth int) string { return strings.Repeat("  ", depth) }

// limitText is the rules of a value in one line, each after a comma.
func limitText(limits []limit) string {
	text := ""
	for _, l := range limits {
		text += ", " + l.Text
		if l.Code != "" {
			text += " `" + l.Code + "`"
		}
	}
	return text
}

// catalogue adds errors, headers, scopes, ids and limits.
func (r *reference) catalogue(s *sheet) {
	s.line("\n## Errors\n")
	for _, e := range r.Errors {
		s.line("- `%s` (%s) %s Says, if there is nothing more exact to say: %s", e.Code, e.Status, e.Meaning.Line(), e.Message.Line())
	}
	s.line("\n### Answers that operations share\n")
	for _, a := range r.Answers {
		s.line("- %s: `%s` %s", a.ID, a.Status, a.About.Line())
		for _, e := range a.Examples {
			s.paragraph(e.Summary + ":")
			s.fence("json", e.Code)
		}
	}
	s.line("\n## Headers of answers\n")
	for _, m := range r.Headers {
		s.member(0, m)
	}
	s.line("\n## Scopes")
	for _, scheme := range r.Schemes {
		s.line("\n`%s`, %s, %s:", scheme.ID, scheme.Kind, scheme.Format)
		s.paragraph(scheme.About.Markdown)
	}
	s.line("\n### All scopes\n")
	for _, scope := range r.Scopes {
		s.line("- `%s` %s", scope.Name, scope.About.Line())
	}
	s.line("\n## Ids and limits\n")
	for _, p := range r.Prefixes {
		s.line("- `%s` begins the id of a %s", p.Text, p.Object)
	}
	s.line("\nA body has at most %s bytes and %s levels. The test secret of the signed examples is `%s`.", r.MaxBodyBytes, r.MaxDepth, r.TestSecret)
}
