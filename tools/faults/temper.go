package main

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// behaviour is how a receiver treats one request.
type behaviour struct {
	status     int           // 0 drops the connection
	delay      time.Duration // before the answer
	trickle    time.Duration // between the status and the end of the body
	retryAfter int           // seconds
}

// temper decides how an endpoint treats its next request.
type temper func(rng *rand.Rand) behaviour

// oneOf picks an element.
func oneOf[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// temperPage verifies as the developer page shows and changes over to a new secret at once.
const temperPage = "page"

// tempers are the endpoints of a run. A dead one makes schedules run out, and a tough one ends attempts after
// their lease.
var tempers = map[string]temper{
	"steady":   func(*rand.Rand) behaviour { return behaviour{status: http.StatusNoContent} },
	temperPage: func(*rand.Rand) behaviour { return behaviour{status: http.StatusOK} },
	"flaky": func(rng *rand.Rand) behaviour {
		return mostly(rng, 80, behaviour{status: oneOf(rng, 500, 502, 503)})
	},
	"slow": func(rng *rand.Rand) behaviour {
		return behaviour{status: http.StatusOK, delay: time.Duration(rng.IntN(1500)) * time.Millisecond}
	},
	"dropping": func(rng *rand.Rand) behaviour { return mostly(rng, 85, behaviour{}) },
	"strict": func(rng *rand.Rand) behaviour {
		return mostly(rng, 92, behaviour{status: oneOf(rng, 400, 404, 410, 301)})
	},
	"busy": func(rng *rand.Rand) behaviour {
		if rng.IntN(10) == 0 {
			return behaviour{status: http.StatusRequestTimeout}
		}
		return mostly(rng, 70, behaviour{status: http.StatusTooManyRequests, retryAfter: 1})
	},
	"dead": func(rng *rand.Rand) behaviour { return behaviour{status: oneOf(rng, 0, 500, 504)} },
	"tough": func(rng *rand.Rand) behaviour {
		return mostly(rng, 99, behaviour{status: oneOf(rng, 200, 500), trickle: 13500 * time.Millisecond})
	},
}

// mostly succeeds in so many per cent of all cases and is otherwise as told.
func mostly(rng *rand.Rand, percent int, otherwise behaviour) behaviour {
	if rng.IntN(100) < percent {
		return behaviour{status: http.StatusNoContent}
	}
	return otherwise
}
