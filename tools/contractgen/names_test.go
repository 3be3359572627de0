package main

import "testing"

func TestGoName_IsWhatOAPICodegenWrites(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"studentId": "StudentID", "created_at": "CreatedAt", "thumbnailUrl": "ThumbnailURL", "listCourses": "ListCourses",
		"StudentCreate": "StudentCreate", "Idempotency-Key": "IdempotencyKey", "not_found": "NotFound", "ids": "Ids",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}

func TestOwnName_ReadsTheSameInEverySpelling(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"live_session.started": "LiveSessionStarted", "liveSession": "LiveSession", "read:live_sessions": "ReadLiveSessions",
		"RateLimit-Daily-Limit": "RateLimitDailyLimit", "TBC-Signature": "TBCSignature", "Request-Id": "RequestID",
		"WWW-Authenticate": "WWWAuthenticate", "ETag": "ETag",
	} {
		if got := ownName(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}
