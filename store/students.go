package store

import "time"

// Student states. An invited student has been sent an invitation and has not come yet.
const (
	StudentInvited  = "invited"
	StudentActive   = "active"
	StudentInactive = "inactive"
)

// Student is a learner of a workspace with all its enrollments.
type Student struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	Email       string // as it was given
	EmailFolded string // what makes it unique in the workspace
	DisplayName string
	Phone       *string // E.164
	Status      string
	ExternalID  *string
	Metadata    map[string]string `gorm:"serializer:json"`
	Tags        []string          `gorm:"serializer:json"`
	Source      *string
	LastSeenAt  *time.Time `gorm:"serializer:micros"`

	Progress    StudentProgress `gorm:"embedded"`
	ActiveDay   string          // the local day of the newest activity, "" before the first
	Enrollments []Enrollment    `gorm:"-"` // oldest first
}

// StudentProgress sums up a student's active and completed enrollments.
type StudentProgress struct {
	CoursesEnrolled    int
	CoursesCompleted   int
	LessonsCompleted   int
	AveragePercent     int        // 0 to 100, rounded down
	LastActivityAt     *time.Time `gorm:"serializer:micros"`
	CertificatesEarned int
}
