package web

// Right is a page of the console and what somebody must be allowed to do there; both are empty for pages that are open.
type Right struct{ Method, Path, Object, Action string }

// Rights lists every page with its right.
func Rights() []Right {
	var list []Right
	for _, r := range (&Web{}).routes() {
		list = append(list, Right{r.method, r.path, r.may.Object, r.may.Action})
	}
	return list
}
