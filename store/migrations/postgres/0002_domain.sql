-- What a course business consists of. Every key and every foreign key starts with
-- workspace_id, so that a row cannot refer into another workspace. Times are
-- microseconds since 1970 UTC, money is in minor units, lists that are always read
-- whole (tags, items, the newest history) are JSON in TEXT. Nothing cascades:
-- students become tombstones, orders and their facts stay.

CREATE TABLE courses (
    workspace_id            text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id                      text COLLATE "C" NOT NULL,
    created_at              bigint  NOT NULL,
    updated_at              bigint  NOT NULL,
    slug                    text    NOT NULL,
    title                   text    NOT NULL,
    subtitle                text,
    description             text,
    status                  text    NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
    visibility              text    NOT NULL,
    level                   text    NOT NULL,
    language                text    NOT NULL,
    category                text,
    tags                    text    NOT NULL,
    thumbnail_url           text,
    price_amount            bigint  NOT NULL CHECK (price_amount >= 0),
    price_currency          text    NOT NULL,
    price_compare_at_amount bigint  CHECK (price_compare_at_amount >= 0),
    instructor_id           text COLLATE "C" NOT NULL,
    instructor_name         text    NOT NULL,
    module_count            bigint  NOT NULL,
    lesson_count            bigint  NOT NULL,
    duration_seconds        bigint  NOT NULL,
    enrolled_count          bigint  NOT NULL CHECK (enrolled_count >= 0),
    certificate_enabled     boolean NOT NULL,
    publish_at              bigint,
    published_at            bigint,
    archived_at             bigint,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX courses_slug ON courses (workspace_id, slug);
-- The list always names one status, so status leads both walks.
CREATE INDEX courses_created ON courses (workspace_id, status, created_at, id);
CREATE INDEX courses_updated ON courses (workspace_id, status, updated_at, id);

CREATE TABLE modules (
    workspace_id     text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    course_id        text COLLATE "C" NOT NULL,
    title            text   NOT NULL,
    description      text,
    position         bigint NOT NULL,
    unlock           text   NOT NULL,
    lesson_count     bigint NOT NULL,
    duration_seconds bigint NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
CREATE INDEX modules_course ON modules (workspace_id, course_id, position);

CREATE TABLE lessons (
    workspace_id     text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    created_at       bigint  NOT NULL,
    updated_at       bigint  NOT NULL,
    course_id        text COLLATE "C" NOT NULL,
    module_id        text COLLATE "C" NOT NULL,
    title            text    NOT NULL,
    type             text    NOT NULL,
    position         bigint  NOT NULL,
    duration_seconds bigint  NOT NULL,
    is_preview       boolean NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id),
    FOREIGN KEY (workspace_id, module_id) REFERENCES modules (workspace_id, id)
);
CREATE INDEX lessons_course ON lessons (workspace_id, course_id, position);
CREATE INDEX lessons_module ON lessons (workspace_id, module_id);

CREATE TABLE students (
    workspace_id        text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id                  text COLLATE "C" NOT NULL,
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL,
    email               text   NOT NULL,
    email_folded        text   NOT NULL,
    display_name        text   NOT NULL,
    phone               text,
    status              text   NOT NULL CHECK (status IN ('invited', 'active', 'inactive')),
    external_id         text COLLATE "C",
    metadata            text   NOT NULL,
    tags                text   NOT NULL,
    source              text,
    last_seen_at        bigint,
    -- Progress over the student's active and completed enrollments; percentages in hundredths.
    courses_enrolled    bigint NOT NULL,
    courses_completed   bigint NOT NULL,
    lessons_completed   bigint NOT NULL,
    average_percent     bigint NOT NULL CHECK (average_percent BETWEEN 0 AND 10000),
    last_activity_at    bigint,
    certificates_earned bigint NOT NULL,
    -- The workspace's calendar day of the newest activity, '' before the first.
    active_day          text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX students_email ON students (workspace_id, email_folded);
CREATE INDEX students_created ON students (workspace_id, created_at, id);
CREATE INDEX students_updated ON students (workspace_id, updated_at, id);
CREATE INDEX students_status ON students (workspace_id, status, created_at, id);
CREATE INDEX students_external ON students (workspace_id, external_id, created_at, id);

-- The tags of students once more, under the id of the student, so that the filter has an
-- index in list order.
CREATE TABLE student_tags (
    workspace_id text COLLATE "C" NOT NULL,
    tag          text   NOT NULL,
    created_at   bigint NOT NULL,
    id           text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace_id, tag, created_at, id),
    FOREIGN KEY (workspace_id, id) REFERENCES students (workspace_id, id)
);
CREATE INDEX student_tags_student ON student_tags (workspace_id, id, tag);

CREATE TABLE orders (
    workspace_id           text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    id                     text COLLATE "C" NOT NULL,
    created_at             bigint  NOT NULL,
    updated_at             bigint  NOT NULL,
    sequence               bigint  NOT NULL,
    status                 text    NOT NULL CHECK (status IN ('pending', 'paid', 'partially_refunded', 'refunded', 'failed', 'canceled')),
    items                  text    NOT NULL,
    student_id             text COLLATE "C",
    customer_email         text,
    customer_name          text,
    currency               text    NOT NULL,
    subtotal_amount        bigint  NOT NULL CHECK (subtotal_amount >= 0),
    discount_amount        bigint  NOT NULL CHECK (discount_amount BETWEEN 0 AND subtotal_amount),
    gross_amount           bigint  NOT NULL CHECK (gross_amount = subtotal_amount - discount_amount),
    tax_amount             bigint  NOT NULL CHECK (tax_amount BETWEEN 0 AND gross_amount),
    gateway_fee_amount     bigint  CHECK (gateway_fee_amount BETWEEN 0 AND gross_amount),
    gateway_fee_tax_amount bigint  CHECK (gateway_fee_tax_amount BETWEEN 0 AND gateway_fee_amount),
    platform_fee_amount    bigint  CHECK (platform_fee_amount BETWEEN 0 AND gross_amount),
    refunded_amount        bigint  NOT NULL CHECK (refunded_amount BETWEEN 0 AND gross_amount),
    -- Unknown fees make the net unknown: NULL in, NULL out.
    net_amount             bigint  CHECK (net_amount IS NOT DISTINCT FROM gross_amount - gateway_fee_amount - platform_fee_amount - refunded_amount),
    coupon_code            text,
    gateway                text    NOT NULL CHECK (gateway IN ('razorpay', 'stripe', 'manual', 'free')),
    method                 text,
    payment_id             text COLLATE "C",
    receipt_number         text,
    receipt_issued_at      bigint,
    tax_lines              text    NOT NULL,
    test                   boolean NOT NULL,
    paid_at                bigint,
    refunded_at            bigint,
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
    workspace_id      text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    order_id          text COLLATE "C" NOT NULL,
    amount            bigint NOT NULL CHECK (amount > 0),
    reason            text,
    gateway_refund_id text COLLATE "C",
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id)
);
CREATE UNIQUE INDEX refunds_order ON refunds (workspace_id, order_id, gateway_refund_id);

CREATE TABLE entitlements (
    workspace_id text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    student_id   text COLLATE "C" NOT NULL,
    type         text   NOT NULL,
    reference    text   NOT NULL,
    source       text   NOT NULL,
    granted_at   bigint NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id)
);
CREATE INDEX entitlements_order ON entitlements (workspace_id, order_id);
CREATE INDEX entitlements_student ON entitlements (workspace_id, student_id, reference);

CREATE TABLE certificates (
    workspace_id text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    student_id   text COLLATE "C" NOT NULL,
    course_id    text COLLATE "C" NOT NULL,
    student_name text   NOT NULL,
    course_title text   NOT NULL,
    grade        text,
    issued_at    bigint NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, student_id) REFERENCES students (workspace_id, id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);
CREATE UNIQUE INDEX certificates_pair ON certificates (workspace_id, student_id, course_id);
CREATE INDEX certificates_created ON certificates (workspace_id, created_at, id);
CREATE INDEX certificates_updated ON certificates (workspace_id, updated_at, id);

CREATE TABLE enrollments (
    workspace_id           text COLLATE "C" NOT NULL,
    id                     text COLLATE "C" NOT NULL,
    created_at             bigint NOT NULL,
    updated_at             bigint NOT NULL,
    student_id             text COLLATE "C" NOT NULL,
    course_id              text COLLATE "C" NOT NULL,
    course_title           text   NOT NULL,
    status                 text   NOT NULL CHECK (status IN ('active', 'completed', 'revoked', 'expired')),
    source                 text   NOT NULL CHECK (source IN ('api', 'checkout', 'manual', 'import')),
    note                   text,
    order_id               text COLLATE "C",
    progress_percent       bigint NOT NULL CHECK (progress_percent BETWEEN 0 AND 10000),
    completed_lesson_count bigint NOT NULL CHECK (completed_lesson_count >= 0),
    total_lesson_count     bigint NOT NULL CHECK (total_lesson_count >= 0),
    enrolled_at            bigint NOT NULL,
    completed_at           bigint,
    revoked_at             bigint,
    revoked_reason         text,
    expires_at             bigint,
    certificate_id         text COLLATE "C",
    history                text   NOT NULL,
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

-- Every step of every enrollment, where enrollments.history keeps the newest twenty changes
-- of state: the facts from which rollups can be computed again. The last three columns say
-- what the step did to the sums over live enrollments: their number, the completed ones
-- among them, their progress in hundredths of a percent.
CREATE TABLE enrollment_changes (
    workspace_id  text COLLATE "C" NOT NULL,
    enrollment_id text COLLATE "C" NOT NULL,
    sequence      bigint NOT NULL,
    student_id    text COLLATE "C" NOT NULL,
    course_id     text COLLATE "C" NOT NULL,
    action        text   NOT NULL CHECK (action IN ('enrolled', 'progressed', 'completed', 'revoked', 'reinstated', 'expired')),
    at            bigint NOT NULL,
    source        text   NOT NULL,
    lessons       bigint NOT NULL,
    live          bigint NOT NULL,
    completed     bigint NOT NULL,
    percent       bigint NOT NULL,
    PRIMARY KEY (workspace_id, enrollment_id, sequence),
    FOREIGN KEY (workspace_id, enrollment_id) REFERENCES enrollments (workspace_id, id)
);

-- A completed lesson stays completed when the lesson leaves the outline, so there is
-- no foreign key to lessons.
CREATE TABLE lesson_completions (
    workspace_id  text COLLATE "C" NOT NULL,
    enrollment_id text COLLATE "C" NOT NULL,
    lesson_id     text COLLATE "C" NOT NULL,
    student_id    text COLLATE "C" NOT NULL,
    completed_at  bigint NOT NULL,
    PRIMARY KEY (workspace_id, enrollment_id, lesson_id),
    FOREIGN KEY (workspace_id, enrollment_id) REFERENCES enrollments (workspace_id, id)
);

-- Analytics, one row per workspace and calendar day (YYYY-MM-DD) of its time zone.
CREATE TABLE daily_rollups (
    workspace_id             text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    day                      text COLLATE "C" NOT NULL,
    gross_amount             bigint NOT NULL,
    discount_amount          bigint NOT NULL,
    tax_amount               bigint NOT NULL,
    gateway_fee_amount       bigint NOT NULL,
    platform_fee_amount      bigint NOT NULL,
    refunded_amount          bigint NOT NULL,
    order_count              bigint NOT NULL,
    refund_count             bigint NOT NULL,
    fees_pending_order_count bigint NOT NULL,
    students_new             bigint NOT NULL,
    enrollments_new          bigint NOT NULL,
    enrollments_completed    bigint NOT NULL,
    enrollments_revoked      bigint NOT NULL,
    lessons_completed        bigint NOT NULL,
    certificates_issued      bigint NOT NULL,
    -- How the day changed the sums over live enrollments, as in enrollment_changes: what they
    -- were at the end of a day is the sum of all days up to it.
    live_change              bigint NOT NULL,
    completed_change         bigint NOT NULL,
    percent_change           bigint NOT NULL,
    PRIMARY KEY (workspace_id, day)
);

CREATE TABLE course_rollups (
    workspace_id          text COLLATE "C" NOT NULL,
    day                   text COLLATE "C" NOT NULL,
    course_id             text COLLATE "C" NOT NULL,
    subtotal_amount       bigint NOT NULL,
    enrollments_new       bigint NOT NULL,
    enrollments_completed bigint NOT NULL,
    PRIMARY KEY (workspace_id, day, course_id),
    FOREIGN KEY (workspace_id, course_id) REFERENCES courses (workspace_id, id)
);

-- How many students were active on a day and, before it, last on previous_day ('' for
-- never). Students active in a window are those whose previous_day lies before it:
-- exact, for any window, without counting students one by one.
CREATE TABLE activity_rollups (
    workspace_id text COLLATE "C" NOT NULL REFERENCES workspaces (id),
    day          text COLLATE "C" NOT NULL,
    previous_day text COLLATE "C" NOT NULL,
    students     bigint NOT NULL,
    PRIMARY KEY (workspace_id, day, previous_day)
);
