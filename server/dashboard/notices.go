package dashboard

// notices say what the form before this page has done. A redirect names one as
// ?done=…; what is not here is not said, so that a link cannot put words on our page.
var notices = map[string]string{
	"signed-out": "You are signed out.",
}
