package store

// Prefixes of the ids of the domain. They equal those that the contract publishes.
const (
	prefixCourse      = "crs_"
	prefixModule      = "mod_"
	prefixLesson      = "les_"
	prefixStudent     = "stu_"
	prefixEnrollment  = "enr_"
	prefixOrder       = "ord_"
	prefixEntitlement = "ent_"
	prefixRefund      = "rfd_"
	prefixCertificate = "crt_"
	prefixLiveSession = "liv_"
	prefixRecording   = "rec_"
)
