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
}
