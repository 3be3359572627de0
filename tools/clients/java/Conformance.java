import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.thebigclass.client.ApiClient;
import com.thebigclass.client.ApiException;
import com.thebigclass.client.ApiResponse;
import com.thebigclass.client.api.CoursesApi;
import com.thebigclass.client.api.CoursesApi.APIListCoursesRequest;
import com.thebigclass.client.api.EnrollmentsApi;
import com.thebigclass.client.api.StudentsApi;
import com.thebigclass.client.api.StudentsApi.APIListStudentsRequest;
import com.thebigclass.client.model.Course;
import com.thebigclass.client.model.EnrollmentCreate;
import com.thebigclass.client.model.EnrollmentResponse;
import com.thebigclass.client.model.ErrorBody;
import com.thebigclass.client.model.ErrorDetail;
import com.thebigclass.client.model.ErrorResponse;
import com.thebigclass.client.model.Student;
import com.thebigclass.client.model.StudentCreate;
import com.thebigclass.client.model.StudentList;
import com.thebigclass.client.model.StudentPatch;
import com.thebigclass.client.model.StudentResponse;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The conformance script in Java: the steps of tools/clients/README.md, made with the classes that openapi-generator
 * writes from the contract. It prints one line a step, the same as the scripts in the other languages, and stops at the
 * first that fails.
 */
public final class Conformance {
    private final ApiClient full = connect("TBC_KEY");
    private final StudentsApi students = new StudentsApi(full);
    private Student student; // made by the step create

    private interface Step {
        String take() throws Exception;
    }

    /** What came instead of what a step wants. */
    private static IllegalStateException unexpected(Object... what) {
        return new IllegalStateException(List.of(what).toString());
    }

    public static void main(String[] args) {
        Conformance c = new Conformance();
        List<String> names = List.of("list", "create", "change", "enrol", "422", "403", "404", "429", "webhook");
        List<Step> steps = List.of(c::list, c::create, c::change, c::enrol, c::invalid, c::forbidden, c::missing, c::refused, c::webhook);
        for (int i = 0; i < names.size(); i++) {
            try {
                System.out.println(names.get(i) + ": " + steps.get(i).take());
            } catch (Exception e) {
                System.err.println(names.get(i) + ": " + e);
                System.exit(1);
            }
        }
    }

    private static ApiClient connect(String key) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("TBC_URL") + "/api/v1");
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv(key)));
        return client;
    }

    /** Two walks in pages of ten and of a hundred must see the same. */
    private String list() throws ApiException {
        Set<String> small = new HashSet<>();
        Set<String> large = new HashSet<>();
        int pages = walk(10, small);
        walk(100, large);
        if (pages < 2 || !small.equals(large)) {
            throw unexpected(pages, small.size(), large.size());
        }
        return "every student once, on two pages or more";
    }

    /** Follows the cursors to the end and returns the pages. It fails if a student comes twice. */
    private int walk(int limit, Set<String> seen) throws ApiException {
        int pages = 0;
        String cursor = null;
        do {
            StudentList page = students.listStudents(APIListStudentsRequest.newBuilder().limit(limit).cursor(cursor).build());
            for (Student one : page.getData()) {
                if (!seen.add(one.getId())) {
                    throw unexpected(one.getId(), "comes twice");
                }
            }
            pages++;
            cursor = page.getPagination().getNextCursor();
        } while (cursor != null);
        return pages;
    }

    private String create() throws ApiException {
        StudentCreate body = new StudentCreate()
            .email("java-" + UUID.randomUUID() + "@example.com").displayName("Asha Nair").phone("+919820012345");
        ApiResponse<StudentResponse> first = students.createStudentWithHttpInfo(body, null);
        ApiResponse<StudentResponse> again = students.createStudentWithHttpInfo(body, null);
        student = first.getData().getData();
        if (first.getStatusCode() != 201 || again.getStatusCode() != 200 || !student.getId().equals(again.getData().getData().getId())) {
            throw unexpected(first.getStatusCode(), again.getStatusCode(), again.getData());
        }
        return "201, then 200 with the same student";
    }

    /** Clears one member with null and leaves the others out. */
    private String change() throws ApiException {
        Student after = students.updateStudent(student.getId(), new StudentPatch().phone(null)).getData();
        if (after.getPhone() != null || !after.getDisplayName().equals(student.getDisplayName())) {
            throw unexpected(after);
        }
        return "null clears the phone, and the name stays";
    }

    private String enrol() throws ApiException {
        Course course = new CoursesApi(full).listCourses(APIListCoursesRequest.newBuilder().limit(1).build()).getData().get(0);
        EnrollmentsApi enrollments = new EnrollmentsApi(full);
        EnrollmentCreate body = new EnrollmentCreate().studentId(student.getId()).courseId(course.getId());
        ApiResponse<EnrollmentResponse> first = enrollments.createEnrollmentWithHttpInfo(body, null);
        ApiResponse<EnrollmentResponse> again = enrollments.createEnrollmentWithHttpInfo(body, null);
        if (first.getStatusCode() != 201 || again.getStatusCode() != 200
                || !first.getData().getData().getId().equals(again.getData().getData().getId())) {
            throw unexpected(first.getStatusCode(), again.getStatusCode(), again.getData());
        }
        return "201, then 200 with the same enrollment";
    }

    /** Reads the error of a call that must end with a status. */
    private ErrorBody error(ApiException e, int status) throws Exception {
        if (e.getCode() != status) {
            throw e;
        }
        return full.getObjectMapper().readValue(e.getResponseBody(), ErrorResponse.class).getError();
    }

    private String invalid() throws Exception {
        try {
            throw unexpected(students.createStudent(new StudentCreate().email("nobody").displayName(""), null));
        } catch (ApiException e) {
            ErrorBody error = error(e, 422);
            return error.getCode() + " at "
                + error.getDetails().stream().map(ErrorDetail::getField).sorted().collect(Collectors.joining(" and "));
        }
    }

    private String forbidden() throws Exception {
        StudentCreate body = new StudentCreate().email("asha@example.com").displayName("Asha");
        try {
            throw unexpected(new StudentsApi(connect("TBC_READ_KEY")).createStudent(body, null));
        } catch (ApiException e) {
            ErrorBody error = error(e, 403);
            if (!error.getMessage().contains("write:students")) {
                throw e;
            }
            return error.getCode() + ", for want of write:students";
        }
    }

    private String missing() throws Exception {
        try {
            throw unexpected(students.getStudent("stu_none", null));
        } catch (ApiException e) {
            return error(e, 404).getCode().toString();
        }
    }

    /** A key of two calls a minute is refused with the fifth call at the latest, if the minute ends in between. */
    private String refused() throws Exception {
        StudentsApi limited = new StudentsApi(connect("TBC_LIMITED_KEY"));
        try {
            for (int call = 0; call < 5; call++) {
                limited.listStudents(APIListStudentsRequest.newBuilder().build());
            }
        } catch (ApiException e) {
            ErrorBody error = error(e, 429);
            if (error.getRetryAfterSeconds() != number(e, "Retry-After")
                    || number(e, "X-RateLimit-Remaining") != 0 || number(e, "X-RateLimit-Limit") < 1) {
                throw e;
            }
            return error.getCode() + ", Retry-After is retryAfterSeconds, no call remains";
        }
        throw unexpected("five calls passed: give TBC_LIMITED_KEY a limit of two a minute");
    }

    /** A header that must be there. */
    private static long number(ApiException e, String header) {
        return e.getResponseHeaders().firstValueAsLong(header).orElseThrow();
    }

    /** Short, for one secret: server/docs/guides/verifying-signatures.md has the whole of it. */
    private static String verify(String signature, byte[] body, String secret, long now) throws Exception {
        Matcher form = Pattern.compile("t=([0-9]{1,15}),v1=([0-9a-f]{64})").matcher(signature);
        if (!form.matches()) {
            return "malformed";
        }
        if (Math.abs(now - Long.parseLong(form.group(1))) > 300) {
            return "timestamp";
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((form.group(1) + ".").getBytes(StandardCharsets.UTF_8));
        return MessageDigest.isEqual(mac.doFinal(body), HexFormat.of().parseHex(form.group(2))) ? "ok" : "mismatch";
    }

    private String webhook() throws Exception {
        JsonNode signed = new ObjectMapper().readTree(new File("signed-example.json"));
        String signature = signed.get("signature").asText();
        String secret = signed.get("secret").asText();
        long at = signed.get("timestamp").asLong();
        byte[] body = signed.get("body").asText().getBytes(StandardCharsets.UTF_8);
        byte[] changed = body.clone();
        changed[changed.length / 2] ^= 1;
        List<String> verdicts = List.of(
            verify(signature, body, secret, at), verify(signature, changed, secret, at), verify(signature, body, secret, at + 600));
        if (!verdicts.equals(List.of("ok", "mismatch", "timestamp"))) {
            throw unexpected(verdicts);
        }
        return "taken as signed, refused with a byte changed, refused ten minutes later";
    }
}
