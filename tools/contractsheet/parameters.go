package main

// eachParameter visits every parameter once for each operation and webhook that takes it.
func (c *contract) eachParameter(visit func(operation, place)) {
	for _, o := range c.all() {
		for _, p := range o.parameters() {
			visit(o, p)
		}
	}
}

// parameterDescriptions asks each parameter for a text of its own; its schema's does not count.
func parameterDescriptions(c *contract, t *tally) {
	c.eachParameter(func(o operation, p place) {
		t.add(p.described(), o, p.own("name"))
	})
}

// parameterExamples asks for the example at the parameter, where tools that send requests look for it.
func parameterExamples(c *contract, t *tally) {
	c.eachParameter(func(o operation, p place) {
		faults := exampleFaults(p, p.at("schema"))
		t.add(len(faults) == 0, o, p.own("name"), first(faults))
	})
}
