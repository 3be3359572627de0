package docs

import (
	"fmt"
	"strings"

	"github.com/thebigclass/api/tools/contractgen/samples"
)

// A sample is a call in one language.
type sample struct {
	Language, Note, Code string
}

// Fence is the language as Markdown names it.
func (s sample) Fence() string {
	if s.Language == samples.Curl {
		return "sh"
	}
	return strings.ToLower(s.Language)
}

// prepared makes samples ready for whoever serves the page.
func prepared(list []samples.Sample) []sample {
	var all []sample
	here := strings.NewReplacer(samples.Origin, BaseURL)
	for _, one := range list {
		all = append(all, sample{one.Language, here.Replace(one.Note), here.Replace(one.Code)})
	}
	return all
}

// runSamples introduces what comes before all other samples.
const runSamples = "Each operation below comes with its call, ready to run. Pasted from top to bottom, every curl finds what it needs: an id is a " +
	"shell variable that one above it has set."

// RunSamples is runSamples, for the template.
func (*reference) RunSamples() string { return runSamples }

// setup is what comes before all other samples.
func (r *reference) setup() []sample {
	if r.Samples == nil {
		return nil
	}
	return prepared(r.Samples.Setup())
}

// samples are the calls of an operation.
func (r *reference) samples(op *operation) []sample {
	if r.Samples == nil {
		return nil
	}
	return prepared(r.Samples.For(op.OperationID))
}

// inOrder refuses a page that shows operations in another order than that in which their samples run: a curl would then
// use an id that no earlier one has set.
func (r *reference) inOrder() error {
	if r.Samples == nil {
		return nil
	}
	order := r.Samples.Order()
	for _, g := range r.Groups {
		for _, op := range g.Operations {
			if len(order) == 0 || order[0] != op.OperationID {
				return fmt.Errorf("the page shows %s where the samples have %v: the paths of a tag must stand together", op.OperationID, order[:min(1, len(order))])
			}
			order = order[1:]
		}
	}
	return nil
}
