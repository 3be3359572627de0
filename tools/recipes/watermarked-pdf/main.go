// Command watermarked-pdf sends the buyer of a download a PDF with the buyer's name on every page. See README.md, or
// watermarked-pdf --help.
package main

import (
	"context"
	"fmt"
	"net/mail"
	"strconv"
	"time"

	"github.com/thebigclass/api/tools/recipes/internal/recipe"
)

const (
	folderVariable = "PDF_FOLDER"
	urlVariable    = "SMTP_URL"
	fromVariable   = "MAIL_FROM"
	limitVariable  = "MAX_PDF_MB"
)

// defaultLimit is in megabytes. Base64 makes four bytes of three, and many mail servers take no more than 25 MB.
const defaultLimit = "15"

func main() { recipe.Main(watermarkedPDF) }

var watermarkedPDF = recipe.Recipe{
	Name:  "watermarked-pdf",
	Short: "E-mail the buyer of a download a PDF that carries the buyer's name",
	Long: `For each item of a paid order that has a PDF, writes the buyer's name and e-mail address
and the order's number at the foot of every page, and sends it to the buyer.

  PDF_FOLDER   has a file for each product, PRODUCTID.pdf. They are read for each sale,
               so a new edition counts from the moment it is there. Where the id has
               signs such as /, the file is named as in a URL: %2F
  SMTP_URL     smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…:465 (TLS); without
               TLS only to this machine
  MAIL_FROM    the sender: Asha Nair <asha@example.com>
  MAX_PDF_MB   largest file to send; default 15
  TBC_KEY      a key with the scope read:orders, for orders that are too long for an event

A name in letters beyond Latin-1 is not written on the pages; the address always is. A
download without a file is tried again for three days: put it there. A buyer whose data
were erased gets nothing. If the program is killed after the mail server has taken an
e-mail and before that is noted, it is sent again with the same Message-ID.`,
	Addr:    "127.0.0.1:9004",
	Events:  []string{"order.paid"},
	Timeout: 10 * time.Minute,
	Open:    open,
}

func open(_ context.Context, s *recipe.Settings) (recipe.Work, error) {
	at := s.Require(urlVariable, "the mail server, such as smtp://user:password@mail.example.com:587")
	sender := s.Require(fromVariable, "the sender's address, such as Asha Nair <asha@example.com>")
	pdfs := shelf{folder: s.Require(folderVariable, "the folder with a PDF for each product")}
	megabytes, err := strconv.ParseInt(s.Optional(limitVariable, defaultLimit), 10, 32)
	if err != nil || megabytes < 1 {
		s.Fault(fmt.Errorf("%s is not a number of megabytes", limitVariable))
	}
	pdfs.limit = megabytes << 20
	if pdfs.folder != "" {
		pdfs.check(s.Fault)
	}
	from, err := mail.ParseAddress(sender)
	if sender != "" && err != nil {
		s.Fault(fmt.Errorf("%s is not an e-mail address", fromVariable))
	}
	office, err := newPost(at)
	if at != "" && err != nil {
		s.Fault(fmt.Errorf("%s: %w", urlVariable, err))
	}
	return issuer{shelf: pdfs, post: office, from: from, api: s.APIAtNeed("read:orders"), now: s.Now}.work, nil
}
