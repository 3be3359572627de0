package dashboard

// notices say what the form before this page has done. A redirect names one as
// ?done=…; what is not here is not said, so that a link cannot put words on our page.
var notices = map[string]string{
	"signed-out":           "You are signed out.",
	"signed-out-all":       "You are signed out on every device.",
	"reset-asked":          "If somebody has that address here, a link is on its way to it. It works for 30 minutes.",
	"password-set":         "Your new password is set. Sign in with it.",
	"password-changed":     "Your password is changed, and every other session has ended.",
	"joined":               "You are a member now. Sign in to go on.",
	"session-ended":        "That session has ended.",
	"invited":              "The invitation is on its way.",
	"invitation-withdrawn": "The invitation is taken back. Its link opens nothing now.",
	"role-changed":         "The role is changed.",
	"member-removed":       "They are no longer a member.",
	"key-revoked":          "The key is revoked: its very next call is refused.",

	"endpoint-created":   "The endpoint is made. Events that it subscribes to are sent to it from now on.",
	"endpoint-changed":   "The endpoint is changed.",
	"endpoint-disabled":  "The endpoint is disabled: nothing more is sent to it.",
	"endpoint-enabled":   "The endpoint is enabled. What it missed is sent if you ask for it below.",
	"endpoint-deleted":   "The endpoint is deleted. Its deliveries stay readable for 30 days.",
	"secret-rotated":     "The secret is replaced.",
	"old-secret-revoked": "The old secret signs no more.",
	"test-sent":          "A test event is on its way.",
	"sent-again":         "The delivery is on its way again.",
	"recovery-started":   "What the endpoint has missed is being sent.",
}
