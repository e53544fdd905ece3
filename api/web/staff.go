package web

// staffRoutes are people and their keys.
func (w *Web) staffRoutes() []route { return nil }
