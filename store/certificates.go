package store

import "time"

// Certificate says that a student completed a course. Names are those of the day of issue.
type Certificate struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	StudentID   string
	CourseID    string
	StudentName string
	CourseTitle string
	Grade       *string
	IssuedAt    time.Time `gorm:"serializer:micros"`
}
