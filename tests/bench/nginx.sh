# nginx for the benchmarks that capture: . "$top/tests/bench/nginx.sh". Wants
# $work (an empty folder that others may enter); serves $work/site/root.
server=

configure() { # PORT
	[ "$(id -u)" -eq 0 ] && echo "user $(id -un);"
	cat <<-END
	worker_processes 1;
	pid $work/nginx.pid;
	error_log $work/error.log;
	daemon off;
	events { worker_connections 256; }
	http {
		log_format judge '\$status \$body_bytes_sent \$request_uri';
		access_log $work/access.log judge;
		client_body_temp_path $work/tmp;
		proxy_temp_path $work/tmp;
		fastcgi_temp_path $work/tmp;
		uwsgi_temp_path $work/tmp;
		scgi_temp_path $work/tmp;
		types {
			text/css css;
			text/javascript js;
			image/jpeg jpg;
			image/png png;
			text/plain txt;
		}
		default_type text/html;
		charset utf-8;
		sendfile on;
		tcp_nopush on;
		tcp_nodelay on;
		keepalive_requests 1000000;
		open_file_cache max=10000;
		gzip_static on;
		server {
			listen 127.0.0.1:$1;
			root $work/site/root;
			location = / { try_files /index.html =404; }
			location / { try_files \$uri \$uri.html =404; }
		}
	}
	END
}

# Starts it; sets PORT and SERVER (its pid).
start_nginx() {
	port=$((20000 + $$ % 20000))
	for try in 1 2 3 4 5; do
		configure $port >nginx.conf
		nginx -p "$work" -c "$work/nginx.conf" -e "$work/error.log" &
		server=$!
		sleep 0.5
		kill -0 $server 2>/dev/null && break
		wait $server
		server=
		port=$((port + try * 37))
	done
	[ -n "$server" ] || { echo "bench: nginx does not start"; cat error.log; exit 2; }
}
