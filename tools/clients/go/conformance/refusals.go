package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/webhooks"
)

// invalid sends two faults at once, and is told of both.
func (s *script) invalid(ctx context.Context) (string, error) {
	res, err := s.full.CreateStudentWithResponse(ctx, nil, client.StudentCreate{Email: "nobody", DisplayName: ""})
	if err != nil {
		return "", err
	}
	if res.JSON422 == nil || res.JSON422.Error.Details == nil {
		return "", fmt.Errorf("%s: %s", res.Status(), res.Body)
	}
	var fields []string
	for _, detail := range *res.JSON422.Error.Details {
		fields = append(fields, detail.Field)
	}
	slices.Sort(fields)
	return fmt.Sprintf("%s at %s", res.JSON422.Error.Code, strings.Join(fields, " and ")), nil
}

// forbidden writes with a key that may only read.
func (s *script) forbidden(ctx context.Context) (string, error) {
	res, err := s.reading.CreateStudentWithResponse(ctx, nil, client.StudentCreate{Email: "asha@example.com", DisplayName: "Asha"})
	if err != nil {
		return "", err
	}
	if res.JSON403 == nil || !strings.Contains(res.JSON403.Error.Message, "write:students") {
		return "", fmt.Errorf("%s: %s", res.Status(), res.Body)
	}
	return fmt.Sprintf("%s, for want of write:students", res.JSON403.Error.Code), nil
}

// missing asks for a student who does not exist.
func (s *script) missing(ctx context.Context) (string, error) {
	res, err := s.full.GetStudentWithResponse(ctx, "stu_none", nil)
	if err != nil {
		return "", err
	}
	if res.JSON404 == nil {
		return "", fmt.Errorf("%s: %s", res.Status(), res.Body)
	}
	return string(res.JSON404.Error.Code), nil
}

// refused calls until the key's minute is used up. A key of two calls a minute gets there with the fifth at the latest,
// if the minute ends in between.
func (s *script) refused(ctx context.Context) (string, error) {
	for range 5 {
		res, err := s.limited.ListStudentsWithResponse(ctx, nil)
		if err != nil {
			return "", err
		}
		if res.StatusCode() == http.StatusOK {
			continue
		}
		header := func(name string) int {
			n, err := strconv.Atoi(res.HTTPResponse.Header.Get(name))
			if err != nil {
				return -1
			}
			return n
		}
		if res.JSON429 == nil || res.JSON429.Error.RetryAfterSeconds == nil ||
			*res.JSON429.Error.RetryAfterSeconds != header("Retry-After") ||
			header("X-RateLimit-Remaining") != 0 || header("X-RateLimit-Limit") < 1 {
			return "", fmt.Errorf("%s with %v: %s", res.Status(), res.HTTPResponse.Header, res.Body)
		}
		return fmt.Sprintf("%s, Retry-After is retryAfterSeconds, no call remains", res.JSON429.Error.Code), nil
	}
	return "", errors.New("five calls passed: give TBC_LIMITED_KEY a limit of two a minute")
}

// webhook verifies the contract's signed example as it stands, with a byte changed, and ten minutes later.
func webhook(context.Context) (string, error) {
	text, err := os.ReadFile("signed-example.json")
	if err != nil {
		return "", err
	}
	var signed struct {
		Secret, Body, Signature string
		Timestamp               int64
	}
	if err := json.Unmarshal(text, &signed); err != nil {
		return "", err
	}
	body, at := []byte(signed.Body), time.Unix(signed.Timestamp, 0)
	refusal := errors.Join(
		verdict(webhooks.Verify(signed.Signature, body, at, signed.Secret), nil),
		verdict(webhooks.Verify(signed.Signature, body, at.Add(10*time.Minute), signed.Secret), webhooks.ErrTimestamp))
	body[len(body)/2] ^= 1
	refusal = errors.Join(refusal, verdict(webhooks.Verify(signed.Signature, body, at, signed.Secret), webhooks.ErrMismatch))
	return "taken as signed, refused with a byte changed, refused ten minutes later", refusal
}

// verdict fails where the verifier does not say what it should.
func verdict(got, want error) error {
	if errors.Is(got, want) {
		return nil
	}
	return errors.New(fmt.Sprint("the verifier says ", got, ", want ", want))
}
