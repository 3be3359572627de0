package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Erased is what is left of a student.
type Erased struct {
	ID        string
	DeletedAt time.Time
}

// EraseStudent takes a student out of everything that the workspace keeps, in this transaction. A tombstone stays, so
// that figures and references hold: orders keep amounts, enrollments and certificates keep their rows, and the e-mail
// address is free. Live enrollments become revoked without events of their own. Emit student.deleted afterwards.
// ErrNotFound for an unknown student, and for one who was erased before.
func (tx *Tx) EraseStudent(ctx context.Context, id string) (Erased, error) {
	student, err := tx.Student(ctx, id)
	if err != nil {
		return Erased{}, fmt.Errorf("erase student %s: %w", id, err)
	}
	for _, erase := range []func(context.Context, Student) error{
		tx.revokeAll, tx.eraseOrders, tx.eraseRows, tx.eraseAnswers,
	} {
		if err := erase(ctx, student); err != nil {
			return Erased{}, fmt.Errorf("erase student %s: %w", id, err)
		}
	}
	return Erased{ID: id, DeletedAt: tx.now}, wrap("erase what was said of student "+id, tx.EraseSubject(ctx, id))
}

// revokeAll revokes the live enrollments of a student, all at once.
func (tx *Tx) revokeAll(ctx context.Context, student Student) error {
	var steps []step
	var after []Enrollment
	for _, e := range student.Enrollments {
		if e.Live() {
			ended := tx.ended(e, ending{status: EnrollmentRevoked, action: ActionRevoked, source: SourceAPI})
			steps, after = append(steps, ended), append(after, ended.after)
		}
	}
	if len(steps) == 0 {
		return nil
	}
	if err := tx.keepEnrollments(ctx, after); err != nil {
		return err
	}
	return tx.takeAll(ctx, steps, dayFigures{})
}

// erasureRow names a row to be erased and when.
type erasureRow struct {
	ID string `json:"i"`
	At int64  `json:"t"`
}

const (
	// buyerOrders are a student's orders, and all that name a customer but no student: test orders and unpaid ones.
	// Addresses are compared after folding, so not here. By orders_student.
	buyerOrders = `SELECT id, '' FROM orders WHERE workspace_id = $1 AND student_id = $2
		UNION ALL SELECT id, customer_email FROM orders
		WHERE workspace_id = $1 AND student_id IS NULL AND customer_email IS NOT NULL`

	eraseCustomers = `UPDATE orders SET customer_email = NULL, customer_name = NULL,
			updated_at = CAST(r.value->>'t' AS bigint)
		FROM {rows $2} WHERE orders.workspace_id = $1 AND orders.id = r.value->>'i'`
	eraseReasons = `UPDATE refunds SET reason = NULL, updated_at = CAST(r.value->>'t' AS bigint)
		FROM {rows $2} WHERE refunds.workspace_id = $1 AND refunds.order_id = r.value->>'i' AND reason IS NOT NULL`
)

// eraseOrders takes the customer out of the orders of a student, and out of those that never had a student but the
// student's address.
func (tx *Tx) eraseOrders(ctx context.Context, student Student) error {
	type buyer struct{ orderID, email string }
	found, err := scanAll(ctx, tx.scope, sqlQuery{text: buyerOrders, args: []any{student.ID}},
		func(row *sql.Rows, b *buyer) error { return row.Scan(&b.orderID, &b.email) })
	if err != nil {
		return wrap("find orders", err)
	}
	var list []erasureRow
	for _, b := range found {
		if b.email == "" || fold(b.email) == student.EmailFolded {
			list = append(list, erasureRow{ID: b.orderID, At: micros(tx.now)})
		}
	}
	if err := writeRows(ctx, tx, eraseCustomers, list); err != nil {
		return wrap("erase from orders", err)
	}
	return wrap("erase from refunds", writeRows(ctx, tx, eraseReasons, list))
}

// erasures are the other rows about a student ($2), at the time $3. The reason of an expiry is a constant.
var erasures = []string{
	`UPDATE enrollments SET note = NULL, updated_at = $3,
			revoked_reason = CASE WHEN status = 'expired' THEN revoked_reason END
		WHERE workspace_id = $1 AND student_id = $2`,
	`UPDATE entitlements SET revoked_at = $3, updated_at = $3
		WHERE workspace_id = $1 AND student_id = $2 AND revoked_at IS NULL`,
	`UPDATE certificates SET student_name = '', grade = NULL, updated_at = $3
		WHERE workspace_id = $1 AND student_id = $2`,
	`UPDATE students SET deleted_at = $3, updated_at = $3, email = '', email_folded = '', display_name = '', phone = NULL,
			status = 'inactive', external_id = NULL, metadata = '{}', tags = '[]', source = NULL, last_seen_at = NULL,
			courses_enrolled = 0, courses_completed = 0, lessons_completed = 0, average_percent = 0, last_activity_at = NULL,
			certificates_earned = 0, active_day = ''
		WHERE workspace_id = $1 AND id = $2`,
}

func (tx *Tx) eraseRows(ctx context.Context, student Student) error {
	if _, err := tx.scope.exec(ctx, `DELETE FROM student_tags WHERE workspace_id = $1 AND id = $2`, student.ID); err != nil {
		return wrap("erase tags", err)
	}
	for _, text := range erasures {
		if _, err := tx.scope.exec(ctx, text, student.ID, micros(tx.now)); err != nil {
			return wrap("erase rows", err)
		}
	}
	return nil
}

// eraseAnswers forgets the kept answers that name the student: whatever the API says of a person has the id or the
// address beside it. Other answers stay, or the requests behind them could be carried out twice.
func (tx *Tx) eraseAnswers(ctx context.Context, student Student) error {
	return tx.forgetAnswers(ctx, func(body []byte) bool {
		return bytes.Contains(body, []byte(student.ID)) || mentions(fold(unescaped.Replace(string(body))), student.EmailFolded)
	})
}

// unescaped takes out what JSON may put right before or after an address in a text.
var unescaped = strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ", `\u003c`, "<", `\u003e`, ">", `\u0026`, " ")

// mentions reports whether a text has the address as a whole: joann@example.com does not mention ann@example.com.
func mentions(text, address string) bool {
	for {
		before, after, found := strings.Cut(text, address)
		if !found {
			return false
		}
		if !endsInAddress(before) && !continuesAddress(after) {
			return true
		}
		text = after
	}
}

// addressSigns are what an address goes on with beside letters and digits (RFC 5322, section 3.2.3).
const addressSigns = "!#$%&'*+-/=?^_`{|}~."

func inAddress(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(addressSigns, r)
}

func endsInAddress(text string) bool {
	last, size := utf8.DecodeLastRuneInString(text)
	return size > 0 && inAddress(last)
}

// continuesAddress takes a full stop at the end of a sentence for what it is.
func continuesAddress(text string) bool {
	next, size := utf8.DecodeRuneInString(text)
	if size == 0 || next != '.' {
		return size > 0 && inAddress(next)
	}
	after, size := utf8.DecodeRuneInString(text[1:])
	return size > 0 && inAddress(after)
}
