import com.thebigclass.client.ApiClient;
import com.thebigclass.client.ApiException;
import com.thebigclass.client.api.StudentsApi;
import com.thebigclass.client.api.StudentsApi.APIListStudentsRequest;
import com.thebigclass.client.model.ErrorBody;
import com.thebigclass.client.model.ErrorCode;
import com.thebigclass.client.model.ErrorResponse;
import com.thebigclass.client.model.StudentList;

public final class Use {
    public static void main(String[] args) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("TBC_URL") + "/api/v1");
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("TBC_KEY")));
        StudentsApi students = new StudentsApi(client);
        for (String cursor = null;;) {
            try {
                StudentList page = students.listStudents(APIListStudentsRequest.newBuilder().cursor(cursor).build());
                page.getData().forEach(student -> System.out.println(student.getEmail()));
                cursor = page.getPagination().getNextCursor();
                if (cursor == null) {
                    return;
                }
            } catch (ApiException e) {
                ErrorBody error = client.getObjectMapper().readValue(e.getResponseBody(), ErrorResponse.class).getError();
                if (error.getCode() != ErrorCode.RATE_LIMITED) {
                    throw e;
                }
                Thread.sleep(error.getRetryAfterSeconds() * 1000L);
            }
        }
    }
}
