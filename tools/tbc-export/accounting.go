package main

var accountingFormats = []string{"tally", "quickbooks", "zoho"}
