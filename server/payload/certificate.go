package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Certificate is a certificate with the address of its public page, which lies
// under baseURL. The name is null once the student was erased.
func Certificate(c store.Certificate, baseURL string) gen.Certificate {
	return gen.Certificate{
		ID:          c.ID,
		StudentID:   c.StudentID,
		CourseID:    c.CourseID,
		StudentName: textOrNull(c.StudentName),
		CourseTitle: c.CourseTitle,
		Grade:       c.Grade,
		IssuedAt:    utc(c.IssuedAt),
		VerifyURL:   baseURL + "/verify/" + c.ID,
		CreatedAt:   utc(c.CreatedAt),
		UpdatedAt:   utc(c.UpdatedAt),
	}
}
