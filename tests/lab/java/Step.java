import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One line of the plan: what a server offers, or what a client does. Fields are {@code key=value}, split by tabs. */
final class Step {
    private final Map<String, String> values = new HashMap<>();

    private Step(String line) {
        for (String field : line.split("\t")) {
            int equals = field.indexOf('=');
            values.put(field.substring(0, equals), field.substring(equals + 1));
        }
    }

    static List<Step> read(Path plan) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (String line : Files.readAllLines(plan, StandardCharsets.UTF_8)) {
            steps.add(new Step(line));
        }
        return steps;
    }

    String name() {
        return values.get("name");
    }

    boolean is(String key, String value) {
        return value.equals(values.get(key));
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    String text(String key, String otherwise) {
        return values.getOrDefault(key, otherwise);
    }

    int number(String key, int otherwise) {
        return has(key) ? Integer.parseInt(values.get(key)) : otherwise;
    }

    /** The comma-separated values of a key; none where it is absent or empty. */
    List<String> list(String key) {
        String value = text(key, "");
        return value.isEmpty() ? Collections.<String>emptyList() : Arrays.asList(value.split(","));
    }
}
