package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/ledger"
	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

// book is where transactions are entered.
type book interface {
	name() string
	enter(ctx context.Context, t transaction) error
}

// bookkeeper enters the transactions of an event into all books.
type bookkeeper struct {
	api   *recipe.API
	books []book
}

func (b bookkeeper) work(ctx context.Context, task recipe.Task) error {
	order, err := b.order(ctx, task)
	if err != nil || order.Test {
		return err
	}
	transactions, err := b.transactions(ctx, task, order)
	if err != nil {
		return err
	}
	var entered []error
	for _, book := range b.books {
		entered = append(entered, enterAll(ctx, task, book, transactions))
	}
	return recipe.Join(entered...)
}

// enterAll enters transactions in their order: a book that fails at one is asked for no later one.
func enterAll(ctx context.Context, task recipe.Task, into book, transactions []transaction) error {
	for _, t := range transactions {
		if err := task.Once(ctx, into.name()+" "+t.ID, func() error { return into.enter(ctx, t) }); err != nil {
			return fmt.Errorf("%s: %w", t.Number, err)
		}
	}
	return nil
}

// order is the one of the event, all of it: without its first refunds the others would get wrong numbers and shares of the tax.
func (b bookkeeper) order(ctx context.Context, task recipe.Task) (client.Order, error) {
	order, err := b.api.EventOrder(ctx, task)
	if err != nil {
		return order, err
	}
	if order.ID == "" || order.PaidAt == nil {
		return order, recipe.Permanent(errors.New("the order has no id or was not paid"))
	}
	return order, nil
}

// transactions are the sale, or all refunds so far: each is entered once, whichever event comes first.
func (b bookkeeper) transactions(ctx context.Context, task recipe.Task, order client.Order) ([]transaction, error) {
	workspace, err := b.api.Workspace(ctx, task)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(workspace.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the workspace's time zone: %w", err)
	}
	if task.Type == "order.paid" {
		return []transaction{{ledger.OrderEntry(order, zone), false}}, nil
	}
	var refunds []transaction
	for _, e := range ledger.RefundEntries(order, zone) {
		refunds = append(refunds, transaction{e, true})
	}
	return refunds, nil
}
