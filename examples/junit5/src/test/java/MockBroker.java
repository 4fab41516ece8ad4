import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A mock Kafka cluster beside the tests of a class: {@code @RegisterExtension static final MockBroker MOCK = new MockBroker("--topic", "orders:3")}. */
final class MockBroker implements BeforeAllCallback, AfterAllCallback {
  private final List<String> arguments;
  private Process program;
  private Path folder;

  MockBroker(String... arguments) {
    this.arguments = List.of(arguments);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    folder = Files.createTempDirectory("mockbroker");
    List<String> command = new ArrayList<>();
    command.add(System.getenv().getOrDefault("MOCKBROKER", "mockbroker"));
    command.addAll(List.of("--listener", "SSL:0", "--tls-dir", folder.toString()));
    // It ends with its standard input, and so with the tests, however they end.
    command.add("--exit-with-stdin");
    command.addAll(arguments);
    program = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output = program.inputReader();
    if (output.readLine() == null) {
      throw new IOException("mockbroker has ended before it was ready");
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    program.getOutputStream().close();
    program.waitFor();
  }

  /** What a client connects with: bootstrap.servers, security.protocol and the truststore, as the program wrote them. */
  Properties client() throws IOException {
    Properties properties = new Properties();
    try (Reader file = Files.newBufferedReader(folder.resolve("client.properties"))) {
      properties.load(file);
    }
    return properties;
  }
}
