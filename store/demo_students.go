package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// demoNames are the people of the demo. The order decides what each of them does: see demoPaths.
var demoNames = []string{
	"Aarav Sharma", "Diya Patel", "Ishaan Nair", "Ananya Iyer", "Kabir Mehta", "Meera Joshi", "Rohan Gupta",
	"Saanvi Reddy", "Vivaan Rao", "Aditi Kulkarni", "Arjun Menon", "Kavya Pillai", "Reyansh Desai", "Tara Banerjee",
	"Dev Chatterjee", "Nisha Verma", "Yash Agarwal", "Priya Krishnan", "Siddharth Bose", "Leela Thomas",
	"Nikhil Shetty", "Pooja Chauhan", "Rahul Saxena", "Sneha Ghosh", "Varun Kapoor", "Zoya Khan", "Amit Mishra",
	"Bhavna Trivedi", "Chirag Shah", "Deepa Subramaniam", "Farhan Ali", "Gauri Deshpande", "Harsh Vardhan",
	"Indira Mukherjee", "Jaya Prakash", "Karthik Raman", "Lakshmi Narayan", "Manish Tiwari", "Neha Bhatt",
	"Omkar Patil", "Radhika Sen", "Sameer Qureshi",
}

var demoCities = []string{"Pune", "Mumbai", "Bengaluru", "Kochi", "Delhi", "Kolkata", "Jaipur", "Chennai"}

// demoPath is what a student does. Shares are of the lessons of the course.
type demoPath struct {
	status  string
	courses map[string]float64 // slug and share completed
	coupon  string
	manual  bool // paid by bank transfer
	refund  int64
	left    bool // refunded in full
}

// demoPaths are walked in turn by the students.
var demoPaths = []demoPath{
	{courses: map[string]float64{"kathak-foundations": 1}},
	{courses: map[string]float64{"kathak-foundations": 0.6, "first-week-of-riyaz": 1}},
	{courses: map[string]float64{"abhinaya": 0.35}, coupon: "RIYAZ20"},
	{courses: map[string]float64{"first-week-of-riyaz": 0.5}},
	{courses: map[string]float64{"tabla-for-dancers": 1, "kathak-foundations": 0.85}},
	{status: StudentInvited},
	{courses: map[string]float64{"monsoon-intensive": 0.7}},
	{courses: map[string]float64{"kathak-foundations": 0.1}, left: true},
	{courses: map[string]float64{"abhinaya": 0.9}, refund: 150_000},
	{courses: map[string]float64{"tabla-for-dancers": 0}, manual: true},
	{status: StudentInactive, courses: map[string]float64{"first-week-of-riyaz": 0.25}},
	{courses: map[string]float64{"kathak-foundations": 0.45, "tabla-for-dancers": 0.3}, coupon: "RIYAZ20"},
}

// planStudents lets the students come, buy and learn, a few more each week.
func (d *demo) planStudents() {
	for i, name := range demoNames {
		path := demoPaths[i%len(demoPaths)]
		day := i * demoDays / len(demoNames)
		if _, early := path.courses["monsoon-intensive"]; early {
			day /= 3 // before it was archived
		}
		in := demoStudent(i, name, path)
		joined := d.at(day)
		d.later(joined, func(ctx context.Context) error {
			_, _, err := d.tx.CreateStudent(ctx, in)
			return err
		})
		minutes := 10
		for _, course := range demoCourses() {
			share, taken := path.courses[course.Slug]
			if !taken {
				continue
			}
			d.join(in, course, path, joined.Add(time.Duration(minutes)*time.Minute))
			d.learn(in.Email, course.Slug, day, share)
			minutes += 25
		}
	}
}

func demoStudent(i int, name string, path demoPath) NewStudent {
	source := []string{"instagram", "website", "referral"}[i%3]
	city := demoCities[i%len(demoCities)]
	in := NewStudent{Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com", DisplayName: name,
		Status: path.status, Source: &source, Metadata: map[string]string{"city": city}, Tags: []string{source}}
	if i%2 == 0 {
		phone := fmt.Sprintf("+9198%08d", 20_001_234+i*71_993)
		in.Phone = &phone
	}
	if i%3 == 0 {
		externalID := fmt.Sprintf("crm-%04d", 1180+i)
		in.ExternalID = &externalID
	}
	if i%5 == 0 {
		in.Tags = append(in.Tags, "newsletter")
	}
	return in
}

// join enrols a student: free courses by hand, the others by buying them.
func (d *demo) join(student NewStudent, course demoCourse, path demoPath, at time.Time) {
	if course.PriceAmount == 0 {
		d.later(at, func(ctx context.Context) error {
			stored, _, err := d.tx.CreateStudent(ctx, student)
			if err != nil {
				return err
			}
			_, _, err = d.tx.Enroll(ctx, NewEnrollment{StudentID: stored.ID, CourseID: d.courses[course.Slug].ID,
				Source: SourceManual})
			return err
		})
		return
	}
	order := d.purchase(student, course, at)
	if path.coupon != "" {
		order.discount(course.PriceAmount/5, path.coupon)
	}
	if path.manual {
		order.byHand()
	}
	d.buy(order, path, at)
}
