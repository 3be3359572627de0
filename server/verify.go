package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/thebigclass/api/store"
)

//go:embed verify.html
var verifyHTML string

//go:embed verify.css
var verifyCSS string

// verifyPage shows a certificate, or with nil that there is none.
var verifyPage = template.Must(template.New("verify").Parse(verifyHTML))

// verifyPolicy lets the page do nothing but look as it does: no script, no
// request, no frame around it.
var verifyPolicy = func() string {
	sum := sha256.Sum256([]byte(verifyCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
}()

// verifyCertificate is the public page of a certificate: name, course and date
// for anybody who was given its address, and nothing else about the student.
func (a *API) verifyCertificate(c echo.Context) error {
	var shown *store.PublicCertificate
	if namesText(c) {
		certificate, err := a.store.PublicCertificate(c.Request().Context(), pathParam(c)("certificateId"))
		switch {
		case err == nil:
			shown = &certificate
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	var page bytes.Buffer
	err := verifyPage.Execute(&page, struct {
		Style       template.CSS
		Certificate *store.PublicCertificate
	}{template.CSS(verifyCSS), shown})
	if err != nil {
		return err
	}
	a.guardPage(c.Response().Header(), verifyPolicy)
	status := http.StatusOK
	if shown == nil {
		status = http.StatusNotFound
	}
	return c.HTMLBlob(status, page.Bytes())
}

// guardPage sets the headers of every page for people. Nothing keeps a copy: a
// page about an erased student must be gone.
func (a *API) guardPage(header http.Header, policy string) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	if a.config.Production {
		header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}
