package server

import (
	"context"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/server/payload"
	"github.com/thebigclass/api/store"
)

// ListCertificates lists certificates, earned ones and those given by hand.
func (a *API) ListCertificates(ctx context.Context, req gen.ListCertificatesRequestObject) (gen.ListCertificatesResponseObject, error) {
	options := listOptions(req.Params.Limit, req.Params.Cursor, req.Params.UpdatedSince)
	page, err := a.workspace(ctx).Certificates(ctx, options)
	if err != nil {
		return nil, err
	}
	return gen.ListCertificates200JSONResponse{
		Data:       payload.List(page.Items, a.certificate),
		Pagination: pagination(page.NextCursor, options.Limit),
	}, nil
}

// GetCertificate shows one certificate.
func (a *API) GetCertificate(ctx context.Context, req gen.GetCertificateRequestObject) (gen.GetCertificateResponseObject, error) {
	certificate, err := a.workspace(ctx).Certificate(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	return gen.GetCertificate200JSONResponse{Data: a.certificate(certificate)}, nil
}

// IssueCertificate certifies by hand. A repeat of the same pair answers 200 with
// the first certificate.
func (a *API) IssueCertificate(ctx context.Context, req gen.IssueCertificateRequestObject) (gen.IssueCertificateResponseObject, error) {
	fresh := store.NewCertificate{StudentID: req.Body.StudentID, CourseID: req.Body.CourseID, Grade: req.Body.Grade}
	return once(ctx, a, gen.IssueCertificateResponseObject.VisitIssueCertificateResponse, func(tx *store.Tx) (gen.IssueCertificateResponseObject, error) {
		certificate, issued, err := tx.IssueCertificate(ctx, fresh)
		if err != nil {
			return nil, err
		}
		body := gen.CertificateResponse{Data: a.certificate(certificate)}
		if !issued {
			return gen.IssueCertificate200JSONResponse(body), nil
		}
		return gen.IssueCertificate201JSONResponse(body), tx.Emit(ctx, payload.CertificateIssued(certificate, a.config.BaseURL))
	})
}

// certificate is the certificate with the address of its public page.
func (a *API) certificate(c store.Certificate) gen.Certificate {
	return payload.Certificate(c, a.config.BaseURL)
}
