package dashboard

// RouteFact is what a test of all routes knows of one.
type RouteFact struct {
	Method, Path string
	Anyone       bool
	May          func(role string) bool
}

// Routes is every route of the dashboard.
func Routes() []RouteFact {
	var facts []RouteFact
	for _, r := range routes() {
		facts = append(facts, RouteFact{r.method, r.path, r.may == anyone, func(role string) bool { return may(role, r.may) }})
	}
	return facts
}

// Words is how the audit log tells of an action; "" where it has no words for it.
func Words(action string) string { return actions[action] }

// StatusOf is the status of the page of an error.
func StatusOf(err error) int { return errorPage(err, "").status }
