package server_test

import (
	"testing"

	"github.com/thebigclass/api/gen"
)

// order is a request that buys a course for 5,000.00 and pays a fee of 121.54.
func order(courseID string) body {
	return body{
		"customer": body{"email": "farah@example.com", "name": "Farah Khan"},
		"items":    []body{{"kind": "course", "courseId": courseID, "amount": 500_000}},
		"currency": "EUR", "gatewayFeeAmount": 12_154, "platformFeeAmount": 0, "taxAmount": 76_271,
		"payment": body{"gateway": "razorpay", "method": "upi", "paymentId": "pay_" + next()},
	}
}

// A gateway's webhook may be passed on twice, and at once.
func TestCreateOrder_OnePaymentIsOneOrderHoweverOftenItComes(t *testing.T) {
	each(t, func(app *App) {
		bought := order(app.Course().ID)
		counts := app.together(50, func() *Answer { return app.Post("/api/v1/orders", bought) })
		if counts[201] != 1 || counts[200] != 49 {
			app.Errorf("50 calls answered %v", counts)
		}
		app.WantStory("student.created", "order.paid", "enrollment.created")
		made := decode[gen.OrderList](app.Get("/api/v1/orders").Want(200)).Data[0]
		if made.Items[0].Title != "Kathak Foundations" || len(made.Receipt.TaxLines) != 1 || *made.NetAmount != 487_846 {
			app.Errorf("the order is %+v", made)
		}
		app.Get("/api/v1/orders/" + made.ID).Want(200)
	})
}

func TestCreateOrder_RefusesWhatCannotBe(t *testing.T) {
	each(t, func(app *App) {
		course := app.Course().ID
		for field, fault := range map[string]func(body){
			"/payment/paymentId": func(o body) { o["payment"] = body{"gateway": "stripe"} },
			"/payment/gateway":   func(o body) { o["payment"] = body{"gateway": "free"} },
			"/items/0/courseId": func(o body) {
				o["items"] = []body{{"kind": "other", "title": "x", "courseId": course, "amount": 500_000}}
			},
			"/items/0/title":       func(o body) { o["items"] = []body{{"kind": "download", "amount": 500_000}} },
			"/currency":            func(o body) { o["currency"] = "INR" },
			"/discountAmount":      func(o body) { o["discountAmount"] = 500_001 },
			"/taxAmount":           func(o body) { o["taxAmount"] = 500_001 },
			"/paidAt":              func(o body) { o["paidAt"] = "2126-01-01T00:00:00Z" },
			"/gatewayFeeTaxAmount": func(o body) { o["gatewayFeeTaxAmount"] = 12_155 },
		} {
			refused := order(course)
			fault(refused)
			app.Post("/api/v1/orders", refused).WantIssue(field)
		}
		app.Post("/api/v1/orders", order("crs_unknown")).WantError(404, gen.ErrorCodeNotFound)
		app.Post("/api/v1/orders", order(app.Draft().ID)).Want(422)
		app.WantStory()
	})
}

// A trial payment must not reach books, learners or webhooks.
func TestCreateOrder_TestOrdersTellNobody(t *testing.T) {
	each(t, func(app *App) {
		trial := order(app.Course().ID)
		trial["test"] = true
		made := decode[gen.OrderResponse](app.Post("/api/v1/orders", trial).Want(201)).Data
		app.Post("/api/v1/orders/"+made.ID+"/refunds", "").Want(201)
		if students := decode[gen.StudentList](app.Get("/api/v1/students").Want(200)).Data; len(students) != 0 {
			app.Errorf("a test order made %d students", len(students))
		}
		app.WantStory()
	})
}

// Parts add up to the gross amount and not to a paisa more; only the last takes access away.
func TestRefundOrder_PartsAddUpAndTheLastRevokes(t *testing.T) {
	each(t, func(app *App) {
		made := decode[gen.OrderResponse](app.Post("/api/v1/orders", order(app.Course().ID)).Want(201)).Data
		path := "/api/v1/orders/" + made.ID + "/refunds"
		app.Post(path, body{"amount": 200_000, "gatewayRefundId": "rfnd_1"}).Want(201)
		app.Post(path, body{"amount": 200_000, "gatewayRefundId": "rfnd_1"}).Want(200)
		app.Post(path, body{"amount": 300_001}).WantIssue("/amount")
		app.Post(path, body{"amount": 299_999}).Want(201)
		last := decode[gen.OrderResponse](app.Post(path, "").Want(201)).Data
		if last.Status != gen.OrderStatusRefunded || *last.NetAmount != -12_154 || len(last.Refunds) != 3 {
			app.Errorf("the order is %+v", last)
		}
		app.Post(path, body{"amount": 1}).Want(422)
		app.Post(path, "").Want(422)
		app.WantStory("student.created", "order.paid", "enrollment.created",
			"order.refunded", "order.refunded", "order.refunded", "enrollment.revoked")
	})
}

func TestRefundOrder_AllOfItTwiceAtOnceIsGivenBackOnce(t *testing.T) {
	each(t, func(app *App) {
		made := decode[gen.OrderResponse](app.Post("/api/v1/orders", order(app.Course().ID)).Want(201)).Data
		counts := app.together(8, func() *Answer { return app.Post("/api/v1/orders/"+made.ID+"/refunds", body{"amount": 500_000}) })
		if counts[201] != 1 || counts[422] != 7 {
			app.Errorf("8 refunds answered %v", counts)
		}
		app.WantStory("student.created", "order.paid", "enrollment.created", "order.refunded", "enrollment.revoked")
	})
}
