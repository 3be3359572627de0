-- The sums of course_rollups by calendar month (YYYY-MM). A summary reads whole months from here and single days only
-- at the ends of its window, so that its cost does not grow with how many courses sell on a day.
CREATE TABLE course_month_rollups (
    workspace_id          text COLLATE "C" NOT NULL,
    month                 text COLLATE "C" NOT NULL,
    course_id             text COLLATE "C" NOT NULL,
    subtotal_amount       bigint NOT NULL,
    enrollments_new       bigint NOT NULL,
    enrollments_completed bigint NOT NULL,
    PRIMARY KEY (workspace_id, month, course_id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
INSERT INTO course_month_rollups (workspace_id, month, course_id, subtotal_amount, enrollments_new, enrollments_completed)
    SELECT workspace_id, substr(day, 1, 7), course_id, SUM(subtotal_amount), SUM(enrollments_new), SUM(enrollments_completed)
    FROM course_rollups GROUP BY workspace_id, substr(day, 1, 7), course_id;
