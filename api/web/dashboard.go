package web

// dashboardRoutes are the figures.
func (w *Web) dashboardRoutes() []route { return nil }
