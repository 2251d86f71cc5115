package peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads what the job needs of an order, with Jackson's streaming parser: data binding would be slower. */
public final class Orders {
  private static final JsonFactory JSON = new JsonFactory();

  private Orders() {}

  /** What an engine makes of an order. */
  public interface Maker<T> {
    T make(String customer, long minor, String at);
  }

  public static <T> T read(byte[] value, Maker<T> maker) throws IOException {
    try (JsonParser parser = JSON.createParser(value)) {
      String customer = null;
      String at = null;
      long minor = 0;
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("not an object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (field) {
          case "customer_id" -> customer = parser.getText();
          case "occurred_at" -> at = parser.getText();
          case "amount" -> minor = minor(parser);
          default -> {
            if (token.isStructStart()) parser.skipChildren();
          }
        }
      }
      return maker.make(customer, minor, at);
    }
  }

  private static long minor(JsonParser parser) throws IOException {
    long minor = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      if (field.equals("minor")) minor = parser.getLongValue();
    }
    return minor;
  }
}
