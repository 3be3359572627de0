package store

import "strings"

// demoCourse is a course of the demo and the state that it ends in.
type demoCourse struct {
	NewCourse
	status string
}

// demoOutline is a course's outline as a person would jot it down: a line for each module, its title, a colon, and
// its lessons with a bar between them. The first lesson of a course is a preview.
type demoOutline string

// demoCourses are the courses of the demo: four on sale, two being written, one archived.
func demoCourses() []demoCourse {
	return []demoCourse{
		demoOf("kathak-foundations", "Kathak Foundations", 500_000, demoKind{CoursePublished, "beginner"}, `
			First steps: Standing and breathing|Tatkar at a slow tempo|Tatkar at double tempo
			Hands and eyes: Hastas one by one|Eyes that follow the hand|A short phrase
			Rhythm: Teental on the fingers|Reciting bols|Your first tihai
			A whole piece: Thaat|Aamad|Putting it together`),
		demoOf("abhinaya", "Abhinaya: Telling Stories with the Face", 750_000, demoKind{CoursePublished, "intermediate"}, `
			The nine moods: Shringara and hasya|Karuna and raudra|Veera, bhayanaka and bibhatsa|Adbhuta and shanta
			From word to gesture: Reading a thumri line by line|Sanchari bhava|Silence
			A performance: Choosing a verse|Working with a singer|Recording yourself`),
		demoOf("tabla-for-dancers", "Tabla for Dancers", 350_000, demoKind{CoursePublished, "all"}, `
			Listening: Know your drum|Theka of teental|Theka of jhaptaal
			Talking to the drummer: Laya and how to ask for it|Cues and endings|Padhant with tabla
			Practice: Ten minutes a day|Playing along`),
		demoOf("first-week-of-riyaz", "Your First Week of Riyaz", 0, demoKind{CoursePublished, "beginner"}, `
			Seven days: A place and a time|Warming up|Two rounds of tatkar|What to do tomorrow`),
		demoOf("choreography-lab", "Choreography Lab", 900_000, demoKind{CourseDraft, "advanced"}, `
			Ideas: Where pieces come from|From music to movement
			Form: Beginning, middle, end|Group patterns`),
		demoOf("stage-craft", "Costume, Light and Stage Craft", 250_000, demoKind{CourseDraft, "all"}, `
			Costume: Anarkali or lehenga|Ghungroos`),
		demoOf("monsoon-intensive", "Monsoon Intensive", 420_000, demoKind{CourseArchived, "intermediate"}, `
			Week one: Malhar and the rain|Footwork drills|Parans
			Week two: Kavit|Building a sequence|Open class`),
	}
}

// demoKind is what the demo's courses differ in besides their content.
type demoKind struct{ status, level string }

func demoOf(slug, title string, price int64, kind demoKind, outline demoOutline) demoCourse {
	category, subtitle := "dance", title+", taught by Meera Kelkar"
	description := "Recorded lessons with exercises for every week. Questions are answered by the teacher herself."
	thumbnail := "https://images.example.com/nritya/" + slug + ".jpg"
	course := NewCourse{Slug: slug, Title: title, Subtitle: &subtitle, Description: &description, Visibility: "public",
		Level: kind.level, Language: "en-IN", Category: &category, Tags: []string{"kathak", kind.level}, ThumbnailURL: &thumbnail,
		PriceAmount: price, Instructor: Instructor{ID: "usr_01JZ0N7Y4STVD10MEERAKE1KAR", Name: "Meera Kelkar"},
		CertificateEnabled: price > 0, Modules: outline.modules()}
	if price > 0 {
		before := price * 5 / 4
		course.CompareAtAmount = &before
	}
	return demoCourse{NewCourse: course, status: kind.status}
}

// modules reads the outline. Every third lesson is a text, the others are videos of 8 to 15 minutes.
func (o demoOutline) modules() []NewModule {
	var list []NewModule
	count := 0
	for line := range strings.Lines(strings.TrimSpace(string(o))) {
		title, lessons, _ := strings.Cut(strings.TrimSpace(line), ": ")
		module := NewModule{Title: title, Unlock: "immediate"}
		if len(list) > 0 {
			module.Unlock = "sequential"
		}
		for lesson := range strings.SplitSeq(lessons, "|") {
			in := NewLesson{Title: lesson, Type: "video", DurationSeconds: 480 + count*97%420, IsPreview: count == 0}
			if count%3 == 2 {
				in.Type, in.DurationSeconds = "text", 0
			}
			module.Lessons = append(module.Lessons, in)
			count++
		}
		list = append(list, module)
	}
	return list
}
