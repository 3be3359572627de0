package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// issuer sends the PDFs of an order.
type issuer struct {
	shelf shelf
	post  post
	from  *mail.Address
	api   *recipe.API
	now   func() time.Time
}

// work sends what can be sent, whatever is wrong with the rest of the order, and reports that rest.
func (i issuer) work(ctx context.Context, task recipe.Task) error {
	order, err := i.api.EventOrder(ctx, task)
	if err != nil {
		return err
	}
	if order.Customer.Email == nil || *order.Customer.Email == "" {
		return nil // erased since: there is nobody to send to
	}
	to, err := buyer(order.Customer)
	if err != nil {
		return err
	}
	var problems []error
	seen := map[string]bool{}
	for n, item := range order.Items {
		if item.ProductID != nil && seen[*item.ProductID] {
			continue // two of one download are the same file
		}
		pdf, err := i.copyFor(order, item)
		switch {
		case err != nil:
			problems = append(problems, err)
		case pdf != nil:
			seen[*item.ProductID] = true
			l := letter{
				id: fmt.Sprintf("%s.%d", task.ID, n), from: i.from, to: to, order: order.Number, title: item.Title,
				name: url.PathEscape(*item.ProductID) + suffix, pdf: pdf, at: i.now(),
			}
			send := func() error { return i.post.send(ctx, l) }
			if err := task.Step(ctx, fmt.Sprintf("item %d", n), send); err != nil {
				problems = append(problems, err)
			}
		}
		if ctx.Err() != nil {
			break // there is no time for the rest
		}
	}
	return recipe.Join(problems...)
}

// copyFor is the buyer's own copy of what an item is about.
func (i issuer) copyFor(order client.Order, item client.OrderItem) ([]byte, error) {
	pdf, err := i.shelf.find(item)
	if err != nil || pdf == nil {
		return nil, err
	}
	name := ""
	if order.Customer.Name != nil {
		name = *order.Customer.Name
	}
	file := url.PathEscape(*item.ProductID) + suffix
	stamped, err := stamp(pdf, licence(name, *order.Customer.Email, order.Number))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be stamped: %w", file, err)
	}
	return stamped, i.shelf.fits(stamped, file)
}

// buyer is the one recipient. An address that is several, or no address, is refused and not shown.
func buyer(c client.OrderCustomer) (*mail.Address, error) {
	address, err := mail.ParseAddress(*c.Email)
	if err != nil || address.Address != *c.Email {
		return nil, recipe.Permanent(errors.New("the buyer's e-mail address cannot be written to"))
	}
	if c.Name != nil {
		address.Name = oneLine(*c.Name)
	}
	return address, nil
}
