-- What a course business consists of. Every key and every foreign key starts with
-- workspace_id, so that a row cannot refer into another workspace. Times are
-- microseconds since 1970 UTC, money is in minor units, lists that are always read
-- whole (tags, items, the newest history) are JSON in TEXT. Nothing cascades:
-- students become tombstones, orders and their facts stay.

CREATE TABLE courses (
    workspace_id            TEXT    NOT NULL REFERENCES workspaces (id),
    id                      TEXT    NOT NULL,
    created_at              INTEGER NOT NULL,
    updated_at              INTEGER NOT NULL,
    slug                    TEXT    NOT NULL,
    title                   TEXT    NOT NULL,
    subtitle                TEXT,
    description             TEXT,
    status                  TEXT    NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
    visibility              TEXT    NOT NULL,
    level                   TEXT,
    language                TEXT,
    category                TEXT,
    tags                    TEXT    NOT NULL,
    thumbnail_url           TEXT,
    price_amount            INTEGER NOT NULL CHECK (price_amount >= 0),
    price_currency          TEXT    NOT NULL,
    price_compare_at_amount INTEGER CHECK (price_compare_at_amount >= 0),
    instructor_id           TEXT    NOT NULL,
    instructor_name         TEXT    NOT NULL,
    module_count            INTEGER NOT NULL,
    lesson_count            INTEGER NOT NULL,
    duration_seconds        INTEGER NOT NULL,
    enrolled_count          INTEGER NOT NULL CHECK (enrolled_count >= 0),
    certificate_enabled     INTEGER NOT NULL,
    publish_at              INTEGER,
    published_at            INTEGER,
    archived_at             INTEGER,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX courses_slug ON courses (workspace_id, slug);
-- The list always names one status, so status leads both walks.
CREATE INDEX courses_created ON courses (workspace_id, status, created_at, id);
CREATE INDEX courses_updated ON courses (workspace_id, status, updated_at, id);

CREATE TABLE modules (
    workspace_id     TEXT    NOT NULL,
    id               TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    course_id        TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    description      TEXT,
    position         INTEGER NOT NULL,
    unlock           TEXT    NOT NULL,
    lesson_count     INTEGER NOT NULL,
    duration_seconds INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
CREATE INDEX modules_course ON modules (workspace_id, course_id, position);

CREATE TABLE lessons (
    workspace_id     TEXT    NOT NULL,
    id               TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    course_id        TEXT    NOT NULL,
    module_id        TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    type             TEXT    NOT NULL,
    position         INTEGER NOT NULL,
    duration_seconds INTEGER NOT NULL,
    is_preview       INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id),
    FOREIGN KEY (workspace_id, module_id) REFERENCES modules (workspace_id, id)
);
CREATE INDEX lessons_course ON lessons (workspace_id, course_id, position);
CREATE INDEX lessons_module ON lessons (workspace_id, module_id);

CREATE TABLE students (
    workspace_id        TEXT    NOT NULL REFERENCES workspaces (id),
    id                  TEXT    NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    email               TEXT    NOT NULL,
    email_folded        TEXT    NOT NULL,
    display_name        TEXT    NOT NULL,
    phone               TEXT,
    status              TEXT    NOT NULL CHECK (status IN ('invited', 'active', 'inactive')),
    external_id         TEXT,
    metadata            TEXT    NOT NULL,
    tags                TEXT    NOT NULL,
    source              TEXT,
    last_seen_at        INTEGER,
    -- Progress over the student's active and completed enrollments.
    courses_enrolled    INTEGER NOT NULL,
    courses_completed   INTEGER NOT NULL,
    lessons_completed   INTEGER NOT NULL,
    average_percent     INTEGER NOT NULL CHECK (average_percent BETWEEN 0 AND 100),
    last_activity_at    INTEGER,
    certificates_earned INTEGER NOT NULL,
    -- The workspace's calendar day of the newest activity, '' before the first.
    active_day          TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX students_email ON students (workspace_id, email_folded);
CREATE INDEX students_created ON students (workspace_id, created_at, id);
CREATE INDEX students_updated ON students (workspace_id, updated_at, id);
CREATE INDEX students_status ON students (workspace_id, status, created_at, id);
CREATE INDEX students_external ON students (workspace_id, external_id, created_at, id);

-- The tags of students once more, so that the filter has an index in list order.
CREATE TABLE student_tags (
    workspace_id TEXT    NOT NULL,
    tag          TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    student_id   TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, tag, created_at, student_id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id)
);
CREATE INDEX student_tags_student ON student_tags (workspace_id, student_id, tag);

CREATE TABLE orders (
    workspace_id           TEXT    NOT NULL REFERENCES workspaces (id),
    id                     TEXT    NOT NULL,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    sequence               INTEGER NOT NULL,
    status                 TEXT    NOT NULL CHECK (status IN ('pending', 'paid', 'partially_refunded', 'refunded', 'failed', 'canceled')),
    items                  TEXT    NOT NULL,
    student_id             TEXT,
    customer_email         TEXT,
    customer_name          TEXT,
    currency               TEXT    NOT NULL,
    subtotal_amount        INTEGER NOT NULL CHECK (subtotal_amount >= 0),
    discount_amount        INTEGER NOT NULL CHECK (discount_amount BETWEEN 0 AND subtotal_amount),
    gross_amount           INTEGER NOT NULL CHECK (gross_amount = subtotal_amount - discount_amount),
    tax_amount             INTEGER NOT NULL CHECK (tax_amount BETWEEN 0 AND gross_amount),
    gateway_fee_amount     INTEGER CHECK (gateway_fee_amount BETWEEN 0 AND gross_amount),
    gateway_fee_tax_amount INTEGER CHECK (gateway_fee_tax_amount BETWEEN 0 AND gateway_fee_amount),
    platform_fee_amount    INTEGER CHECK (platform_fee_amount BETWEEN 0 AND gross_amount),
    refunded_amount        INTEGER NOT NULL CHECK (refunded_amount BETWEEN 0 AND gross_amount),
    -- Unknown fees make the net unknown: NULL in, NULL out.
    net_amount             INTEGER CHECK (net_amount IS NOT DISTINCT FROM gross_amount - gateway_fee_amount - platform_fee_amount - refunded_amount),
    coupon_code            TEXT,
    gateway                TEXT    NOT NULL CHECK (gateway IN ('razorpay', 'stripe', 'manual', 'free')),
    method                 TEXT,
    payment_id             TEXT,
    receipt_number         TEXT,
    receipt_issued_at      INTEGER,
    tax_lines              TEXT    NOT NULL,
    test                   INTEGER NOT NULL,
    paid_at                INTEGER,
    refunded_at            INTEGER,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id),
    CONSTRAINT orders_refund_status CHECK (
        (status = 'partially_refunded' AND refunded_amount > 0 AND refunded_amount < gross_amount)
        OR (status = 'refunded' AND refunded_amount > 0 AND refunded_amount = gross_amount)
        OR (status NOT IN ('partially_refunded', 'refunded') AND refunded_amount = 0)),
    CONSTRAINT orders_paid CHECK ((paid_at IS NULL) = (status IN ('pending', 'failed', 'canceled'))),
    CONSTRAINT orders_test CHECK (NOT test OR student_id IS NULL)
);
CREATE UNIQUE INDEX orders_sequence ON orders (workspace_id, sequence);
-- The payment comes first, since it alone is a filter of the list.
CREATE UNIQUE INDEX orders_payment ON orders (workspace_id, payment_id, gateway);
CREATE INDEX orders_created ON orders (workspace_id, created_at, id);
CREATE INDEX orders_updated ON orders (workspace_id, updated_at, id);
CREATE INDEX orders_student ON orders (workspace_id, student_id, created_at, id);
CREATE INDEX orders_status ON orders (workspace_id, status, created_at, id);

CREATE TABLE refunds (
    workspace_id      TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    order_id          TEXT    NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    reason            TEXT,
    gateway_refund_id TEXT,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id)
);
CREATE UNIQUE INDEX refunds_order ON refunds (workspace_id, order_id, gateway_refund_id);

CREATE TABLE entitlements (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    order_id     TEXT    NOT NULL,
    student_id   TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    reference    TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    granted_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id)
);
CREATE INDEX entitlements_order ON entitlements (workspace_id, order_id);
CREATE INDEX entitlements_student ON entitlements (workspace_id, student_id, reference);

CREATE TABLE certificates (
    workspace_id TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    student_id   TEXT    NOT NULL,
    course_id    TEXT    NOT NULL,
    student_name TEXT    NOT NULL,
    course_title TEXT    NOT NULL,
    grade        TEXT,
    issued_at    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
CREATE UNIQUE INDEX certificates_pair ON certificates (workspace_id, student_id, course_id);
CREATE INDEX certificates_created ON certificates (workspace_id, created_at, id);
CREATE INDEX certificates_updated ON certificates (workspace_id, updated_at, id);

CREATE TABLE enrollments (
    workspace_id           TEXT    NOT NULL,
    id                     TEXT    NOT NULL,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    student_id             TEXT    NOT NULL,
    course_id              TEXT    NOT NULL,
    course_title           TEXT    NOT NULL,
    status                 TEXT    NOT NULL CHECK (status IN ('active', 'completed', 'revoked', 'expired')),
    source                 TEXT    NOT NULL CHECK (source IN ('api', 'checkout', 'manual', 'import')),
    note                   TEXT,
    order_id               TEXT,
    progress_percent       INTEGER NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    completed_lesson_count INTEGER NOT NULL CHECK (completed_lesson_count >= 0),
    total_lesson_count     INTEGER NOT NULL CHECK (total_lesson_count >= 0),
    enrolled_at            INTEGER NOT NULL,
    completed_at           INTEGER,
    revoked_at             INTEGER,
    revoked_reason         TEXT,
    expires_at             INTEGER,
    certificate_id         TEXT,
    history                TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id),
    FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id),
    FOREIGN KEY (workspace_id, certificate_id) REFERENCES certificates (workspace_id, id)
);
-- One row per student and course: what makes POST /enrollments idempotent.
CREATE UNIQUE INDEX enrollments_pair ON enrollments (workspace_id, student_id, course_id);
CREATE INDEX enrollments_created ON enrollments (workspace_id, created_at, id);
CREATE INDEX enrollments_updated ON enrollments (workspace_id, updated_at, id);
CREATE INDEX enrollments_course ON enrollments (workspace_id, course_id, created_at, id);
CREATE INDEX enrollments_order ON enrollments (workspace_id, order_id);

-- Every change of an enrollment's state, whole, where enrollments.history keeps the
-- newest twenty: the facts from which rollups can be computed again.
CREATE TABLE enrollment_changes (
    workspace_id  TEXT    NOT NULL,
    enrollment_id TEXT    NOT NULL,
    sequence      INTEGER NOT NULL,
    student_id    TEXT    NOT NULL,
    course_id     TEXT    NOT NULL,
    action        TEXT    NOT NULL CHECK (action IN ('enrolled', 'completed', 'revoked', 'reinstated', 'expired')),
    at            INTEGER NOT NULL,
    source        TEXT    NOT NULL,
    PRIMARY KEY (workspace_id, enrollment_id, sequence),
    FOREIGN KEY (workspace_id, enrollment_id) REFERENCES enrollments (workspace_id, id)
);

-- A completed lesson stays completed when the lesson leaves the outline, so there is
-- no foreign key to lessons.
CREATE TABLE lesson_completions (
    workspace_id  TEXT    NOT NULL,
    enrollment_id TEXT    NOT NULL,
    lesson_id     TEXT    NOT NULL,
    student_id    TEXT    NOT NULL,
    completed_at  INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, enrollment_id, lesson_id),
    FOREIGN KEY (workspace_id, enrollment_id) REFERENCES enrollments (workspace_id, id)
);

-- Analytics, one row per workspace and calendar day (YYYY-MM-DD) of its time zone.
CREATE TABLE daily_rollups (
    workspace_id             TEXT    NOT NULL REFERENCES workspaces (id),
    day                      TEXT    NOT NULL,
    gross_amount             INTEGER NOT NULL,
    discount_amount          INTEGER NOT NULL,
    tax_amount               INTEGER NOT NULL,
    gateway_fee_amount       INTEGER NOT NULL,
    platform_fee_amount      INTEGER NOT NULL,
    refunded_amount          INTEGER NOT NULL,
    order_count              INTEGER NOT NULL,
    refund_count             INTEGER NOT NULL,
    fees_pending_order_count INTEGER NOT NULL,
    students_new             INTEGER NOT NULL,
    enrollments_new          INTEGER NOT NULL,
    enrollments_completed    INTEGER NOT NULL,
    enrollments_revoked      INTEGER NOT NULL,
    lessons_completed        INTEGER NOT NULL,
    certificates_issued      INTEGER NOT NULL,
    -- The enrollments first made on this day: how many, how many of them are completed
    -- by now, and the sum of their progress in percent.
    cohort_size              INTEGER NOT NULL,
    cohort_completed         INTEGER NOT NULL,
    cohort_percent           INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day)
);

CREATE TABLE course_rollups (
    workspace_id          TEXT    NOT NULL,
    day                   TEXT    NOT NULL,
    course_id             TEXT    NOT NULL,
    gross_amount          INTEGER NOT NULL,
    order_count           INTEGER NOT NULL,
    enrollments_new       INTEGER NOT NULL,
    enrollments_completed INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, course_id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);

-- How many students were active on a day and, before it, last on previous_day ('' for
-- never). Students active in a window are those whose previous_day lies before it:
-- exact, for any window, without counting students one by one.
CREATE TABLE activity_rollups (
    workspace_id TEXT    NOT NULL REFERENCES workspaces (id),
    day          TEXT    NOT NULL,
    previous_day TEXT    NOT NULL,
    students     INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day, previous_day)
);
