package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/server/docs"
)

// registerBeside adds the paths that lie beside /api/v1: no key, no quota, no
// rate headers.
func (a *API) registerBeside(e *echo.Echo) {
	measured := echo.WrapHandler(a.metrics.Handler())
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Add(method, "/healthz", healthz)
		e.Add(method, "/readyz", a.readyz)
		e.Add(method, "/metrics", measured) // for the operator: to be closed at the proxy, though it names no tenant
		e.Add(method, "/openapi.yaml", contractYAML)
		e.Add(method, "/openapi.json", contractJSON)
		e.Add(method, "/verify/:certificateId", a.verifyCertificate)
		for _, path := range []string{"/docs", "/docs/*", "/llms.txt"} {
			e.Add(method, path, a.documentation)
		}
	}
}

// documentation sends a page of the documentation, or what it loads.
func (a *API) documentation(c echo.Context) error {
	a.guardPage(c.Response().Header(), docs.Policy)
	return a.docs.Serve(c.Response(), c.Request())
}
